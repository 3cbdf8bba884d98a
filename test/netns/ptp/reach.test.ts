/** Packets in mode ptp: who reaches whom, over what, and under which address. */

import { expect, test } from "vitest";
import { dropForwarded } from "../../support/kernel/forward-chains.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { OTHER_PTP, PTP } from "../../support/pod/ptp.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import { GATEWAY4, GATEWAY6, mapped, POD4, POD6, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, World } from "../../support/traffic/traffic-world.ts";

const NO_ANSWER = "no answer: timeout";
const [SECOND4, SECOND6] = ["10.1.0.3", "fd00:1::3"];

/** `c1` and `c2` of one network, `c3` of another; everybody serves TCP port 80. */
async function worldWithPods(fields: object = {}): Promise<World> {
  const world = await World.create();
  attach(world.node, { conf: { ...PTP, ...fields } });
  attach(world.node, { conf: { ...PTP, ...fields, runtimeConfig: {} }, containerId: "c2" });
  attach(world.node, { conf: { ...OTHER_PTP, ...fields, runtimeConfig: {} }, containerId: "c3" });
  for (const place of ["c1", "c2", "c3", "node", "outside"]) await world.serve(place);
  return world;
}

test("ADD() lets pods reach their gateway, each other and other networks, and the node them", async () => {
  await using world = await worldWithPods();
  const ways = [
    ["c1", GATEWAY4, `node ${POD4}`],
    ["c1", GATEWAY6, `node ${POD6}`],
    ["c1", NODE4, `node ${POD4}`],
    ["c1", NODE6, `node ${POD6}`],
    ["c1", SECOND4, `c2 ${POD4}`],
    ["c1", SECOND6, `c2 ${POD6}`],
    ["c2", POD4, `c1 ${SECOND4}`],
    ["c2", POD6, `c1 ${SECOND6}`],
    ["c1", "10.2.0.2", `c3 ${POD4}`],
    ["c3", POD6, "c1 fd00:2::2"],
    ["node", POD4, `c1 ${GATEWAY4}`],
    ["node", POD6, `c1 ${GATEWAY6}`],
  ] as const;
  const seen = ways.map(([from, to]) => world.connect(from, `tcp ${to} 80`));
  expect(seen).toEqual(ways.map(([, , sees]) => sees));
});

test("ADD() lets the world reach a pod at once, in both families", async () => {
  await using world = await World.create();
  world.outside.sh(`ip route add 10.1.0.0/16 via ${NODE4}; ip route add fd00:1::/64 via ${NODE6}`);
  world.outside.sh(`ping -c3 -i0.2 ${NODE4}; ping -c3 -i0.2 ${NODE6}`);
  attach(world.node, { conf: PTP });
  const pings = [POD4, POD6].map((address) => world.outside.sh(`ping -c1 -W1 ${address}`));
  for (const shown of pings) expect(shown).toContain("1 received");
});

test("ADD() gives what leaves the node its address when ipMasq is true", async () => {
  await using world = await worldWithPods({ ipMasq: true });
  const ways = [
    ["c1", OUTSIDE4, `outside ${NODE4}`],
    ["c1", OUTSIDE6, `outside ${NODE6}`],
    ["c1", SECOND4, `c2 ${POD4}`],
    ["c1", SECOND6, `c2 ${POD6}`],
  ] as const;
  expect(ways.map(([from, to]) => world.connect(from, `tcp ${to} 80`))).toEqual(
    ways.map(([, , sees]) => sees),
  );
});

/** Where a packet comes from, where to, and the sender that pod `c1` sees behind its host port. */
const flows = [
  { from: "outside", to: NODE4, sees: OUTSIDE4 },
  { from: "outside", to: NODE6, sees: OUTSIDE6 },
  { from: "node", to: NODE4, sees: NODE4 },
  { from: "node", to: "127.0.0.1", sees: GATEWAY4 },
  { from: "c1", to: NODE4, sees: GATEWAY4 },
  { from: "c1", to: NODE6, sees: GATEWAY6 },
  { from: "c1", to: GATEWAY4, sees: GATEWAY4 },
  { from: "c2", to: NODE4, sees: SECOND4 },
  { from: "c2", to: NODE6, sees: SECOND6 },
  { from: "c3", to: NODE4, sees: "10.2.0.2" },
];

test.for(["open", "isolated"])(
  "ADD() makes a host port answer everybody who may: %s",
  async (ingressPolicy) => {
    await using world = await worldWithPods(mapped([WEB], { ingressPolicy }));
    const mayPass = (from: string) => ingressPolicy === "open" || !["c2", "c3"].includes(from);
    const seen = flows.map(({ from, to }) =>
      world.connect(from, `tcp ${to} 8080`, mayPass(from) ? {} : IN_VAIN),
    );
    expect(seen).toEqual(flows.map(({ from, sees }) => (mayPass(from) ? `c1 ${sees}` : NO_ANSWER)));
  },
);

test("ADD() keeps pods from the node's loopback address that it opens for a host port", async () => {
  await using world = await worldWithPods(mapped([WEB], {}));
  const before = world.node.sh("nft list table inet podwire").includes("drop");
  world.node.sh("ip netns exec c1 sysctl -qw net.ipv4.conf.eth0.route_localnet=1");
  world.node.sh(`ip -n c1 route add 127.0.0.5/32 via ${GATEWAY4} src ${POD4}; ip -n c1 link set lo down`);
  expect([before, world.connect("c1", "tcp 127.0.0.5 80", IN_VAIN)]).toEqual([true, NO_ANSWER]);
});

test("ADD() keeps isolated pods from each other, not from node and world", async () => {
  await using world = await worldWithPods({ ingressPolicy: "isolated", ipMasq: true });
  const shut = [
    ["c1", SECOND4],
    ["c1", SECOND6],
    ["c2", POD4],
    ["c1", "10.2.0.2"],
  ] as const;
  expect(shut.map(([from, to]) => world.connect(from, `tcp ${to} 80`, IN_VAIN))).toEqual(
    shut.map(() => NO_ANSWER),
  );
  expect(world.connect("c1", `tcp ${OUTSIDE4} 80`)).toBe(`outside ${NODE4}`);
  expect(world.connect("node", `tcp ${POD6} 80`)).toBe(`c1 ${GATEWAY6}`);
});

test("ADD() opens a FORWARD chain that drops for its pod alone when forward is true, and DEL closes it", async () => {
  await using world = await World.create();
  dropForwarded(world.node);
  const rules = () => world.node.sh("nft list ruleset").replace(/packets \d+ bytes \d+/g, "");
  attach(world.node, { conf: { ...OTHER_PTP, ipMasq: true }, containerId: "c3" });
  const before = rules();
  const conf = { ...PTP, ipMasq: true, forward: true };
  attach(world.node, { conf });
  await world.serve("outside");
  const seen = [OUTSIDE4, OUTSIDE6].map((address) => world.connect("c1", `tcp ${address} 80`));
  expect(seen).toEqual([`outside ${NODE4}`, `outside ${NODE6}`]);
  expect(world.connect("c3", `tcp ${OUTSIDE4} 80`, IN_VAIN)).toBe(NO_ANSWER);
  expect(call(world.node, "DEL", { conf }).exitCode).toBe(0);
  expect(rules().replace(/\tchain masquerade-\w+ \{[^}]*\}[^}]*\}[^}]*\}\n/g, "").length).toBeLessThanOrEqual(
    before.length,
  );
  expect(world.node.sh("ls /run/podwire/.forward")).toBe("lock\n");
});
