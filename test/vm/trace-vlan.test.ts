/** `podwire trace` on a bridge with VLANs: who is in which, and whom packets reach. */

import { afterEach, beforeAll, expect, test } from "vitest";
import { VlanBridge } from "../support/vm/vlan-bridge.ts";

let bridge: VlanBridge;
beforeAll(async () => {
  bridge = await VlanBridge.create();
});
afterEach(() => bridge.clear());

/** A network of 10.1.0.0/16 in a VLAN, its first pod at `rangeStart`. */
function inVlan(vlan: number, rangeStart: string, conf: object = {}): object {
  const routes = [{ dst: "0.0.0.0/0" }];
  return {
    name: `net${vlan}`,
    vlan,
    ipam: { type: "host-local", subnet: "10.1.0.0/16", rangeStart, routes },
    ...conf,
  };
}

interface Traced {
  readonly status: number;
  readonly outcome: string;
  readonly hops: readonly { readonly at: string; readonly text: string; readonly advice: string | null }[];
}

async function trace(line: string): Promise<Traced> {
  const { status, stdout } = await bridge.vm.run(`podwire trace ${line} --json`);
  return { status, ...JSON.parse(stdout) };
}

function vlanHops({ hops }: Traced): string[] {
  return hops.filter(({ at }) => at === "vlan").map(({ text }) => text.replace(/^\S+ /, ""));
}

test("trace says that pods of one VLAN reach each other, and not those of another", async () => {
  await bridge.add("c1", inVlan(100, "10.1.0.10"));
  await bridge.add("c2", inVlan(100, "10.1.0.10"));
  await bridge.add("c3", inVlan(200, "10.1.0.50"));
  const same = await trace("c1 10.1.0.11");
  expect([same.status, same.outcome, vlanHops(same)]).toEqual([
    0,
    "arrives",
    ["puts frames without a tag into VLAN 100", "carries VLAN 100 without a tag"],
  ]);
  await bridge.awaitReach("c1", "10.1.0.11");
  const other = await trace("c1 10.1.0.50");
  expect([other.status, other.hops.at(-1)]).toMatchObject([
    1,
    { at: "vlan", text: expect.stringContaining("is not in VLAN 100 (it carries 200)") },
  ]);
  expect(await bridge.reaches("c1", "10.1.0.50")).toBe(false);
});

test("trace's advice gets the packet through when a port has lost its VLAN", async () => {
  await bridge.add("c1", inVlan(100, "10.1.0.10"));
  await bridge.add("c2", inVlan(100, "10.1.0.10"));
  await bridge.awaitReach("c1", "10.1.0.11");
  await bridge.vm.sh(
    "port=$(ip -o link show | grep /c2/eth0 | cut -d: -f2 | cut -d@ -f1); bridge vlan del dev $port vid 100",
  );
  const { hops } = await trace("c1 10.1.0.11");
  expect(hops.at(-1)).toMatchObject({ at: "vlan", text: expect.stringContaining("(it carries none)") });
  expect(await bridge.reaches("c1", "10.1.0.11")).toBe(false);
  await bridge.vm.sh((hops.at(-1)?.advice ?? "").replace(/, if .*/, ""));
  expect((await trace("c1 10.1.0.11")).outcome).toBe("arrives");
  await bridge.awaitReach("c1", "10.1.0.11");
});

test("trace goes by the node's interface in the VLAN when that is the gateway", async () => {
  await bridge.add("c1", inVlan(100, "10.1.0.10", { isGateway: true }));
  await bridge.add("c2", {
    name: "net200",
    vlan: 200,
    isGateway: true,
    ipam: { type: "host-local", subnet: "10.2.0.0/16", routes: [{ dst: "0.0.0.0/0" }] },
  });
  const gateway = await trace("c1 10.1.0.1");
  expect(gateway.hops.map(({ text }) => text)).toContain("br0 hands it to the node, at br0.100");
  await bridge.awaitReach("c1", "10.1.0.1");
  const across = await trace("c1 10.2.0.2");
  expect([across.outcome, vlanHops(across)]).toEqual([
    "arrives",
    [
      "puts frames without a tag into VLAN 100",
      "carries VLAN 100 without a tag",
      "carries VLAN 200 without a tag",
    ],
  ]);
  await bridge.awaitReach("c1", "10.2.0.2");
  await bridge.vm.sh("ip link set br0.200 down");
  expect((await trace("c1 10.2.0.2")).status).toBe(1);
  expect(await bridge.reaches("c1", "10.2.0.2")).toBe(false);
});

test("trace stops at the bridge when nobody in the VLAN is the gateway", async () => {
  await bridge.add("c1", inVlan(100, "10.1.0.10"));
  await bridge.vm.sh("ip address add 10.1.0.1/16 dev br0");
  const { status, hops } = await trace("c1 10.1.0.1");
  expect([status, hops.at(-1)?.at]).toEqual([1, "vlan"]);
  expect(await bridge.reaches("c1", "10.1.0.1")).toBe(false);
});
