/** ingressPolicy: which pods reach which across bridges and on one, and that node and outside reach all of them. */

import { expect, test } from "vitest";
import { linkOf, remains } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import { GATEWAY4, MYNET, OTHERNET, POD4, POD6 } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, World } from "../../support/traffic/traffic-world.ts";

const OTHER = { ...OTHERNET, isDefaultGateway: true };

const ADDRESSES: Record<string, { ip: string; ip6: string }> = {
  c1: { ip: POD4, ip6: POD6 },
  c2: { ip: "10.2.0.2", ip6: "fd00:2::2" },
  c3: { ip: "10.1.0.3", ip6: "fd00:1::3" },
};

/** c1 and c3 on `cni0` with the first policy, c2 on `cni1` with the second; undefined leaves the field out. */
async function worldWith(first: string | undefined, second: string | undefined): Promise<World> {
  const world = await World.create();
  const policy = (ingressPolicy: string | undefined) =>
    ingressPolicy === undefined ? {} : { ingressPolicy };
  attach(world.node, { conf: { ...MYNET, ...policy(first) } });
  attach(world.node, { conf: { ...OTHER, ...policy(second) }, containerId: "c2" });
  attach(world.node, { conf: { ...MYNET, ...policy(first) }, containerId: "c3" });
  for (const pod of ["c1", "c2", "c3"]) await world.serve(pod);
  return world;
}

const YES = [true, true];
const NO = [false, false];

/** Whether a pod answers over TCP, in IPv4 and IPv6; `expected`: whether that is worth a long wait. */
function reach(world: World, from: string, to: string, expected: readonly boolean[]): boolean[] {
  const { ip, ip6 } = ADDRESSES[to] ?? { ip: "", ip6: "" };
  return [ip, ip6].map((address) => {
    const answer = world.connect(from, `tcp ${address} 80`, expected === NO ? IN_VAIN : {});
    return answer.startsWith(`${to} `);
  });
}

const across = [
  { first: undefined, second: undefined, there: YES, back: YES },
  { first: "open", second: "open", there: YES, back: YES },
  { first: "", second: "same-bridge", there: YES, back: YES },
  { first: "same-bridge", second: "same-bridge", there: NO, back: NO },
  { first: "isolated", second: "isolated", there: NO, back: NO },
  { first: "isolated", second: "same-bridge", there: NO, back: NO },
  { first: "isolated", second: "open", there: YES, back: YES },
];

test.for(across)(
  "ADD() separates two bridges only when both are guarded: $first and $second",
  async ({ first, second, there, back }) => {
    await using world = await worldWith(first, second);
    expect([reach(world, "c1", "c2", there), reach(world, "c2", "c1", back)]).toEqual([there, back]);
  },
);

const within = [
  { policy: "open", reached: YES },
  { policy: "same-bridge", reached: YES },
  { policy: "isolated", reached: NO },
];

test.for(within)("ADD() lets pods of one bridge reach each other unless $policy is isolated", async (row) => {
  await using world = await worldWith(row.policy, undefined);
  expect(reach(world, "c1", "c3", row.reached)).toEqual(row.reached);
});

test("ADD() keeps isolated pods apart when one of them goes by its gateway", async () => {
  await using world = await worldWith("isolated", undefined);
  for (const [from, to] of [
    ["c1", "c3"],
    ["c3", "c1"],
  ] as const)
    world.node.sh(`ip -n ${from} route add ${ADDRESSES[to]?.ip}/32 via ${GATEWAY4}`);
  expect(reach(world, "c1", "c3", NO)[0]).toBe(false);
});

test("ADD() keeps isolated pods apart when bridges call the filter", async () => {
  await using world = await worldWith("isolated", undefined);
  world.filterBridges(true);
  expect(reach(world, "c1", "c3", NO)).toEqual(NO);
});

const guarded = ["same-bridge", "isolated"];

test.for(guarded)("ADD() lets the node reach its pods when they are %s", async (policy) => {
  await using world = await worldWith(policy, policy);
  expect([reach(world, "node", "c1", YES), reach(world, "node", "c2", YES)]).toEqual([YES, YES]);
});

test.for(guarded)("ADD() lets a host outside reach pods, and them it, when they are %s", async (policy) => {
  await using world = await worldWith(policy, policy);
  world.outside.sh(`ip route add 10.0.0.0/8 via ${NODE4}; ip route add fd00::/16 via ${NODE6}`);
  await world.serve("outside");
  const out = [OUTSIDE4, OUTSIDE6].map((address) => world.connect("c1", `tcp ${address} 80`));
  expect(reach(world, "outside", "c1", YES)).toEqual(YES);
  expect(out).toEqual([`outside ${POD4}`, `outside ${POD6}`]);
});

test.for(guarded)("ADD() guards a bridge on which the pods are masqueraded when it is %s", async (policy) => {
  await using world = await World.create();
  attach(world.node, { conf: { ...MYNET, ipMasq: true, ingressPolicy: policy } });
  attach(world.node, { conf: { ...OTHER, ipMasq: true, ingressPolicy: policy }, containerId: "c2" });
  await world.serve("c2");
  expect(reach(world, "c1", "c2", NO)).toEqual(NO);
});

test("ADD() isolates the pod's port when ingressPolicy is isolated", async () => {
  await using node = await Node.create();
  const [, { name }] = attach(node, { conf: { ...MYNET, ingressPolicy: "isolated" } }).interfaces;
  expect(linkOf(node, name).linkinfo.info_slave_data.isolated).toBe(true);
});

test("DEL() of one pod leaves the others guarded when they share a bridge", async () => {
  await using world = await worldWith("same-bridge", "same-bridge");
  call(world.node, "DEL", { conf: MYNET, containerId: "c3" });
  expect(reach(world, "c1", "c2", NO)).toEqual(NO);
});

const unknown = ["closed", "Isolated", "same_bridge", " open"];

test.for(unknown)(
  'ADD() fails with code 7 and changes nothing when ingressPolicy is "%s"',
  async (policy) => {
    await using node = await Node.create();
    ensurePod(node);
    const { exitCode, json } = call(node, "ADD", { conf: { ...MYNET, ingressPolicy: policy } });
    expect({ exitCode, code: json.code }).toEqual({ exitCode: 1, code: 7 });
    expect(json.msg).toContain("ingressPolicy");
    expect([...remains(node), ...node.json("nft -j list tables").nftables.slice(1)]).toEqual([]);
  },
);

test("ADD() names ingressPolicy with code 7 when it is no text", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const { json } = call(node, "ADD", { conf: { ...MYNET, ingressPolicy: true } });
  expect(json).toMatchObject({ code: 7, msg: expect.stringContaining("ingressPolicy") });
});
