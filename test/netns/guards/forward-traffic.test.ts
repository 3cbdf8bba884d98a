/** forward: with it pods get through a FORWARD chain that drops, without it they do not, and STATUS says so. */

import { expect, test } from "vitest";
import { dropForwarded } from "../../support/kernel/forward-chains.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import { MYNET, POD4, POD6 } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, World } from "../../support/traffic/traffic-world.ts";

const NO_ANSWER = "no answer: timeout";

/** A pod that nothing translates, a host outside with a way back, and a FORWARD chain that drops. */
async function closedWorld(fields: object): Promise<World> {
  const world = await World.create();
  dropForwarded(world.node);
  attach(world.node, { conf: { ...MYNET, ...fields } });
  world.outside.sh(`ip route add 10.1.0.0/16 via ${NODE4}; ip route add fd00:1::/64 via ${NODE6}`);
  await world.serve("outside");
  await world.serve("c1");
  return world;
}

/** What pod and host outside hear of each other, in IPv4 and IPv6. */
function answersIn(world: World, options?: object): string[] {
  return [
    world.connect("c1", `tcp ${OUTSIDE4} 80`, options),
    world.connect("c1", `tcp ${OUTSIDE6} 80`, options),
    world.connect("outside", `tcp ${POD4} 80`, options),
    world.connect("outside", `tcp ${POD6} 80`, options),
  ];
}

test("ADD() lets a pod reach the world, and it the pod, when forward is true", async () => {
  await using world = await closedWorld({ forward: true });
  const seen = [`outside ${POD4}`, `outside ${POD6}`, `c1 ${OUTSIDE4}`, `c1 ${OUTSIDE6}`];
  expect(answersIn(world)).toEqual(seen);
});

/** Chains that accept by policy, and refuse what is left. */
const ENDINGS = ["reject with icmpx type admin-prohibited", "counter drop", 'log prefix "refused " reject'];

test.for(ENDINGS)(
  "ADD() opens a chain that ends in '%s' when forward is true, and DEL closes it",
  async (ending) => {
    await using world = await World.create();
    const { node } = world;
    node.sh(`nft 'table inet firewalld { chain filter_FORWARD { type filter hook forward priority 10; policy accept;
    ct state established,related accept; ct status dnat accept; iifname lo accept; ${ending}; }; }'`);
    const before = node.sh("nft -s list table inet firewalld");
    const conf = { ...MYNET, ipMasq: true, forward: true };
    attach(node, { conf });
    await world.serve("outside");
    for (const to of [OUTSIDE4, OUTSIDE6])
      expect(world.connect("c1", `tcp ${to} 80`)).toBe(`outside ${to === OUTSIDE4 ? NODE4 : NODE6}`);
    expect(call(node, "DEL", { conf }).exitCode).toBe(0);
    expect(node.sh("nft -s list table inet firewalld")).toBe(before);
  },
);

const off = [
  { name: "absent", fields: {} },
  { name: "false", fields: { forward: false } },
];

test.for(off)("ADD() leaves a pod shut in when forward is $name", async ({ fields }) => {
  await using world = await closedWorld(fields);
  expect(answersIn(world, IN_VAIN)).toEqual([NO_ANSWER, NO_ANSWER, NO_ANSWER, NO_ANSWER]);
});

test("ADD() opens the way for its own bridge alone", async () => {
  await using world = await closedWorld({ forward: true });
  world.node.sh("ip link add br9 type bridge; ip address add 10.9.0.1/16 dev br9; ip link set br9 up");
  world.node.sh(`ip netns add c9; ip link add v9 master br9 up type veth peer name eth0 netns c9
    ip -n c9 address add 10.9.0.2/16 dev eth0; ip -n c9 link set eth0 up
    ip -n c9 route add default via 10.9.0.1`);
  world.outside.sh(`ip route add 10.9.0.0/16 via ${NODE4}`);
  expect(world.connect("c9", `tcp ${OUTSIDE4} 80`, IN_VAIN)).toBe(NO_ANSWER);
});

const reported = [
  {
    name: "both families' policies drop",
    setup: dropForwarded,
    names: ["table ip filter", "table ip6 filter"],
  },
  {
    name: "IPv4's policy drops",
    setup: (node: Node) => node.sh("iptables-nft -P FORWARD DROP"),
    names: ["chain FORWARD of table ip filter", "forward"],
  },
  {
    name: "an nft chain drops",
    setup: (node: Node) =>
      node.sh("nft 'table inet own { chain out { type filter hook forward priority 0; policy drop; }; }'"),
    names: ["chain out of table inet own"],
  },
];

test.for(reported)("STATUS() answers 50 and names the chain when $name", async ({ setup, names }) => {
  await using node = await Node.create();
  setup(node);
  const { exitCode, json } = call(node, "STATUS", { conf: MYNET });
  expect([exitCode, json?.code]).toEqual([1, 50]);
  for (const name of names) expect(json.msg).toContain(name);
});

const silent = [
  { name: "forward is true", setup: dropForwarded, conf: { ...MYNET, forward: true } },
  {
    name: "the policies are accept",
    setup: (node: Node) => node.sh("iptables-nft -P FORWARD ACCEPT; ip6tables-nft -P FORWARD ACCEPT"),
    conf: MYNET,
  },
  { name: "only INPUT drops", setup: (node: Node) => node.sh("iptables-nft -P INPUT DROP"), conf: MYNET },
  { name: "nothing filters", setup: () => "", conf: MYNET },
  { name: "the bridge is no gateway", setup: dropForwarded, conf: { isGateway: false } },
];

test.for(silent)("STATUS() succeeds when $name", async ({ setup, conf }) => {
  await using node = await Node.create();
  setup(node);
  expect(call(node, "STATUS", { conf })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
});

test("STATUS() leaves others' chains as they are", async () => {
  await using node = await Node.create();
  dropForwarded(node);
  const before = node.sh("nft list ruleset");
  call(node, "STATUS", { conf: { ...MYNET, forward: true } });
  expect(node.sh("nft list ruleset")).toBe(before);
});
