/** `podwire repair`: puts back from the records what another program took out of the tables. */

import { expect, test } from "vitest";
import { ownersOf, rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { Node, PODWIRE } from "../../support/node/node.ts";
import { attach, call, callWithResult } from "../../support/pod/attachment.ts";
import { allAtOnce } from "../../support/pod/traffic-concurrent.ts";
import { MYNET, mapped, OTHERNET, POD_ENDS, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, World } from "../../support/traffic/traffic-world.ts";

const conf = mapped([WEB, { ...WEB, protocol: "udp", hostIP: NODE4 }], { ...MYNET, ipMasq: true });
const repair = (node: Node) => node.run([PODWIRE, "repair"]);
const sorted = (node: Node) => rulesetOf(node).toSorted();

const losses = [
  { name: "the table was deleted", script: "nft delete table inet podwire" },
  { name: "the rules were flushed", script: "nft flush table inet podwire" },
  { name: "the whole ruleset was flushed", script: "nft flush ruleset" },
  { name: "nothing is missing", script: "true" },
];

test.for(losses)("repair() puts everything of all networks back when $name", async ({ script }) => {
  await using node = await Node.create();
  attach(node, { conf });
  attach(node, { conf: mapped([{ ...WEB, hostPort: 81 }], OTHERNET), ifname: "eth1" });
  attach(node, { conf: { ...MYNET, ipMasq: true, ipMasqExclude: ["10.0.0.0/8"] }, containerId: "c2" });
  const before = sorted(node);
  node.sh(script);
  expect(repair(node)).toMatchObject({ exitCode: 0, stderr: "" });
  expect(sorted(node)).toEqual(before);
});

test("repair() puts back what 100 pods had when the whole ruleset was flushed", async () => {
  await using node = await Node.create();
  const ids = Array.from({ length: 100 }, (_, index) => `c${index + 1}`);
  const portOf = (index: number) => ({ ...WEB, hostPort: 9000 + index });
  const calls = ids.map((containerId, index) => ({
    containerId,
    conf: mapped([portOf(index)], { ...MYNET, ipMasq: true }),
  }));
  const added = await allAtOnce(node, "ADD", calls);
  const before = sorted(node);
  node.sh("nft flush ruleset");
  const gone = callWithResult(node, "CHECK", added[41]?.json, calls[41]).json;
  expect(repair(node)).toMatchObject({ exitCode: 0, stderr: "" });
  expect([gone.code, ownersOf(node).length]).toEqual([102, 100]);
  expect(sorted(node)).toEqual(before);
  const checked = calls.map((one, index) => callWithResult(node, "CHECK", added[index]?.json, one).exitCode);
  expect(checked).toEqual(ids.map(() => 0));
});

test("repair() makes pods reach and be reached again", async () => {
  await using world = await World.create();
  attach(world.node, { conf });
  await world.serve("c1");
  await world.serve("outside");
  world.node.sh("nft flush ruleset");
  repair(world.node);
  const seen = [NODE4, NODE6, "127.0.0.1"].map((to) => world.connect("node", `tcp ${to} 8080`).split(" ")[0]);
  expect([...seen, world.connect("c1", `tcp ${OUTSIDE4} 80`)]).toEqual([
    "c1",
    "c1",
    "c1",
    `outside ${NODE4}`,
  ]);
});

test("repair() puts back nothing of an attachment that was removed", async () => {
  await using node = await Node.create();
  for (const containerId of ["c1", "c2"])
    attach(node, { conf: mapped([{ ...WEB, hostPort: Number(containerId.slice(1)) }]), containerId });
  call(node, "DEL", { conf: MYNET });
  const before = sorted(node);
  node.sh("nft flush ruleset");
  repair(node);
  expect(ownersOf(node)).toEqual(["mynet/c2/eth0"]);
  expect(sorted(node)).toEqual(before);
});

const CHECKED = "checked: nftables rules and elements, rules in foreign chains, sysctl route_localnet of";
const VFS = "virtual functions of dead pods";
const OTHERS = "interfaces, addresses, routes (podwire doctor drift)";

test("repair() says what it has looked at when nothing is missing, and what it has put back", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  attach(node, { conf: MYNET, containerId: "c2" });
  const nothing = ["nothing is missing", `${CHECKED} 1 attachment; ${VFS}`, `not checked: ${OTHERS}`];
  expect(repair(node).stdout.trimEnd().split("\n")).toEqual(nothing);
  node.sh("nft delete table inet podwire");
  const [first, ...rest] = repair(node).stdout.trimEnd().split("\n");
  expect([first, rest]).toEqual([
    expect.stringMatching(/^mynet\/c1\/eth0: put back \d+ elements and the rules$/),
    nothing.slice(1),
  ]);
});

test("repair() says that it has not looked at the rules of a pod when that has no interface on the node", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh(POD_ENDS);
  expect(repair(node).stdout.trimEnd().split("\n")).toEqual([
    "nothing is missing",
    `${CHECKED} 0 attachments; ${VFS}`,
    `not checked: the rules of 1 attachment without an interface on the node; ${OTHERS}`,
  ]);
});

test("repair() puts one element back when it alone is missing", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  const before = sorted(node);
  node.sh("nft delete element inet podwire hostports_ip '{ tcp . 8080 }'");
  repair(node);
  expect(sorted(node)).toEqual(before);
});

test("repair() changes nothing when there never was an ADD", async () => {
  await using node = await Node.create();
  expect(repair(node)).toMatchObject({ exitCode: 0, stderr: "" });
  expect(rulesetOf(node)).toEqual([]);
});

test("DEL() leaves nothing when repair came after the table was deleted", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  node.sh("nft delete table inet podwire");
  repair(node);
  call(node, "DEL", { conf: MYNET });
  expect(ownersOf(node)).toEqual([]);
});
