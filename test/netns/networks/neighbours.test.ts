/** A reused address on a shared segment: neighbours learn at once whose it is now. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { KINDS, type Kind, Segment } from "../../support/pod/segment.ts";

const rows = KINDS.flatMap((kind) => [
  { kind, network: "web", family: "IPv4", address: "10.10.120.11" },
  { kind, network: "web6", family: "IPv6", address: "fd00:120::11" },
]);

const FORMER = "02:00:00:00:00:99";

/** The MAC address that the gateway has for one of the segment. */
function known({ gateway }: Segment, address: string): string {
  return gateway.json(`ip -j neigh show ${address} dev eth0`)[0]?.lladdr ?? "none";
}

async function withFormerPod(kind: Kind, address: string): Promise<Segment> {
  const segment = await Segment.create(kind);
  segment.gateway.sh(`ip neigh add ${address} lladdr ${FORMER} nud reachable dev eth0`);
  return segment;
}

test.for(rows)(
  "ADD() by $kind moves the gateway's $family entry to the pod when it names an earlier one",
  async (row) => {
    const { kind, network, address } = row;
    await using segment = await withFormerPod(kind, address);
    segment.attach({ wishes: [{ network }] });
    const { address: mac } = linkOf(segment.node, "eth0", "c1");
    segment.gateway.sh(
      `timeout 20 sh -c 'until ip neigh show ${address} | grep -q ${mac}; do sleep 0.01; done'`,
    );
    expect(known(segment, address)).toBe(mac);
  },
);

test.for(rows)(
  "ADD() by $kind lets the gateway reach the pod over $family at the first packet when it knew another",
  async (row) => {
    const { kind, network, address } = row;
    await using segment = await withFormerPod(kind, address);
    segment.attach({ wishes: [{ network }] });
    expect(segment.gateway.sh(`ping -c 1 -W 10 ${address}`)).toContain("1 received");
  },
);

test("ADD() announces every interface of the pod when it has two", async () => {
  await using segment = await Segment.create();
  for (const address of ["10.10.120.11", "10.10.130.11"])
    segment.gateway.sh(`ip neigh add ${address} lladdr ${FORMER} nud reachable dev eth0`);
  segment.attach({ wishes: [{ network: "web" }, { network: "data" }] });
  for (const [ifname, address] of [
    ["eth0", "10.10.120.11"],
    ["eth1", "10.10.130.11"],
  ] as const) {
    const { address: mac } = linkOf(segment.node, ifname, "c1");
    segment.gateway.sh(
      `timeout 20 sh -c 'until ip neigh show ${address} | grep -q ${mac}; do sleep 0.01; done'`,
    );
    expect(known(segment, address)).toBe(mac);
  }
});

test.for(KINDS)("ADD() by %s succeeds and says so when the uplink has no carrier", async (kind) => {
  await using segment = await Segment.create(kind);
  segment.gateway.sh("ip link set eth0 down");
  segment.node.addPod("c1");
  const { exitCode, stderr } = segment.call("ADD", { wishes: [{ network: "web" }] });
  expect(exitCode).toBe(0);
  if (kind === "macvlan") expect(stderr).toContain("no carrier");
});
