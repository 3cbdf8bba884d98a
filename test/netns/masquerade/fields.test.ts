/** Masquerade: which values its fields take, and what ADD says to others. */

import { expect, test } from "vitest";
import { remains } from "../../support/kernel/kernel.ts";
import { rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import { MYNET, POD4, POD6 } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, World } from "../../support/traffic/traffic-world.ts";

const conf = { ...MYNET, ipMasq: true };

const backends = ["iptables", "nftables"];

test.for(backends)("ADD() masquerades by nftables alone when the backend is %s", async (ipMasqBackend) => {
  await using world = await World.create();
  attach(world.node, { conf: { ...conf, ipMasqBackend } });
  await world.serve("outside");
  expect(world.connect("c1", `tcp ${OUTSIDE4} 80`)).toBe(`outside ${NODE4}`);
  expect(world.node.sh("iptables-nft -t nat -S")).not.toContain("MASQUERADE");
});

/** With gaps between them, so that none can be joined. */
const THOUSANDS = Array.from(
  { length: 2000 },
  (_, index) => `172.${16 + (index >> 7)}.${(index % 128) * 2}.0/24`,
);

const excluded = [
  { name: "the prefix", ipMasqExclude: ["192.168.48.0/20", "fd50::/16"] },
  { name: "the address alone", ipMasqExclude: ["192.168.50.2/32", "fd50::2/128"] },
  { name: "everything", ipMasqExclude: ["0.0.0.0/0", "::/0"] },
  { name: "one of many prefixes", ipMasqExclude: ["172.16.0.0/12", "192.168.50.0/24", "fc00::/7"] },
  {
    name: "two prefixes, one in the other,",
    ipMasqExclude: ["192.168.0.0/16", "192.168.50.0/24", "fd50::/64"],
  },
  { name: "one of two thousand prefixes", ipMasqExclude: [...THOUSANDS, "192.168.50.0/24", "fd50::/64"] },
  { name: "a prefix with host bits", ipMasqExclude: ["192.168.50.77/24", "fd50::77/64"] },
];

test.for(excluded)("ADD() leaves the pod's address as it is when $name is excluded", async (row) => {
  await using world = await World.create();
  attach(world.node, { conf: { ...conf, ipMasqExclude: row.ipMasqExclude } });
  await world.serve("outside");
  world.outside.sh(`ip route add 10.1.0.0/16 via ${NODE4}; ip route add fd00:1::/64 via ${NODE6}`);
  const seen = [OUTSIDE4, OUTSIDE6].map((target) => world.connect("c1", `tcp ${target} 80`));
  expect(seen).toEqual([`outside ${POD4}`, `outside ${POD6}`]);
});

const beside = [
  { name: "another prefix is excluded", ipMasqExclude: ["192.168.51.0/24", "fd51::/64"] },
  { name: "an empty list is excluded", ipMasqExclude: [] },
  { name: "the other family is excluded", ipMasqExclude: ["::/0"] },
];

test.for(beside)("ADD() masquerades when $name", async ({ ipMasqExclude }) => {
  await using world = await World.create();
  attach(world.node, { conf: { ...conf, ipMasqExclude } });
  await world.serve("outside");
  expect(world.connect("c1", `tcp ${OUTSIDE4} 80`)).toBe(`outside ${NODE4}`);
});

test("ADD() excludes what each network excludes when two networks differ", async () => {
  await using world = await World.create();
  attach(world.node, { conf: { ...conf, ipMasqExclude: ["192.168.50.0/24"] } });
  const second = {
    ...conf,
    name: "second",
    bridge: "cni1",
    ipam: { type: "host-local", subnet: "10.3.0.0/16" },
  };
  attach(world.node, { conf: second, containerId: "c2" });
  await world.serve("outside");
  const seen = ["c1", "c2"].map((pod) => world.connect(pod, `tcp ${OUTSIDE4} 80`, IN_VAIN));
  expect(seen).toEqual(["no answer: timeout", `outside ${NODE4}`]);
});

const refused = [
  { fields: { ipMasqBackend: "ipfw" }, names: "ipMasqBackend" },
  { fields: { ipMasqBackend: "NFTABLES" }, names: "ipMasqBackend" },
  { fields: { ipMasqExclude: ["nonsense"] }, names: "ipMasqExclude[0]" },
  { fields: { ipMasqExclude: ["10.0.0.0/8", "10.0.0.0/33"] }, names: "ipMasqExclude[1]" },
  { fields: { ipMasqExclude: ["fd00::/129"] }, names: "ipMasqExclude[0]" },
  { fields: { ipMasqPorts: "0-100" }, names: "ipMasqPorts" },
  { fields: { ipMasqPorts: "2000-1000" }, names: "ipMasqPorts" },
  { fields: { ipMasqPorts: "1024-65536" }, names: "ipMasqPorts" },
  { fields: { ipMasqPorts: "1024" }, names: "ipMasqPorts" },
];

test.for(refused)("ADD() fails with code 7 and changes nothing when it gets $fields", async (row) => {
  await using node = await Node.create();
  ensurePod(node);
  const done = call(node, "ADD", { conf: { ...conf, ...row.fields } });
  expect([done.exitCode, done.json.code]).toEqual([1, 7]);
  expect(done.json.msg).toContain(row.names);
  expect({ remains: remains(node), ruleset: rulesetOf(node) }).toEqual({ remains: [], ruleset: [] });
});

const wrong = [
  { fields: { ipMasq: "yes" }, names: "ipMasq" },
  { fields: { ipMasqBackend: 1 }, names: "ipMasqBackend" },
  { fields: { ipMasqExclude: "10.0.0.0/8" }, names: "ipMasqExclude" },
  { fields: { ipMasqExclude: [10] }, names: "ipMasqExclude[0]" },
  { fields: { ipMasqPorts: 1024 }, names: "ipMasqPorts" },
  { fields: { ipMasqFullyRandom: "no" }, names: "ipMasqFullyRandom" },
];

test.for(wrong)(
  "ADD() names the field and changes nothing when the type is wrong in $fields",
  async (row) => {
    await using node = await Node.create();
    ensurePod(node);
    const done = call(node, "ADD", { conf: { ...conf, ...row.fields } });
    expect([done.exitCode, done.json.msg]).toEqual([1, expect.stringContaining(row.names)]);
    expect({ remains: remains(node), ruleset: rulesetOf(node) }).toEqual({ remains: [], ruleset: [] });
  },
);
