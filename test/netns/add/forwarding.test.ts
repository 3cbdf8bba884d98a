/** `"forwarding": "leave"`: the operator has the node's forwarding, in both modes; ADD says where it is off. */

import { expect, test } from "vitest";
import { links } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult, ensurePod } from "../../support/pod/attachment.ts";
import { PTP } from "../../support/pod/ptp.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

const MODES = [
  { mode: "bridge", network: MYNET },
  { mode: "ptp", network: PTP },
];
const GLOBAL = ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"];
const ALL = [...GLOBAL, ...["ipv4", "ipv6"].map((family) => `net.${family}.conf.default.forwarding`)];

async function nodeWith(value: 0 | 1): Promise<Node> {
  const node = await Node.create();
  node.sh(`sysctl -qw ${ALL.map((key) => `${key}=${value}`).join(" ")}`);
  ensurePod(node);
  return node;
}

const valuesOf = (node: Node, keys: readonly string[]) =>
  node
    .sh(`sysctl -n ${keys.join(" ")}`)
    .trim()
    .split("\n");

/** Of the bridge, or of the pair's end on the node. */
function keysOf(node: Node, mode: string): string[] {
  const ifname =
    mode === "bridge" ? "cni0" : links(node).find(({ linkinfo }) => linkinfo?.info_kind === "veth").ifname;
  return ["ipv4", "ipv6"].map((family) => `net.${family}.conf.${ifname}.forwarding`);
}

test.for(MODES)(
  'ADD() in mode $mode turns forwarding on where "forwarding" is "ensure"',
  async ({ mode, network }) => {
    await using node = await nodeWith(0);
    attach(node, { conf: { ...network, forwarding: "ensure" } });
    expect(valuesOf(node, [...GLOBAL, ...keysOf(node, mode)])).toEqual(["1", "1", "1", "1"]);
  },
);

test.for(MODES)(
  'ADD() in mode $mode changes no parameter, and says what is off, where "forwarding" is "leave"',
  async ({ mode, network }) => {
    await using node = await nodeWith(0);
    const conf = { ...network, forwarding: "leave" };
    const added = call(node, "ADD", { conf });
    expect(added.exitCode).toBe(0);
    expect(valuesOf(node, [...GLOBAL, ...keysOf(node, mode)])).toEqual(["0", "0", "0", "0"]);
    for (const key of ["net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"])
      expect(added.stderr).toContain(`sysctl ${key} is 0, want 1`);
    expect(added.stderr).toContain('"forwarding": "leave"');
    expect(callWithResult(node, "CHECK", added.json, { conf })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(call(node, "STATUS", { conf })).toMatchObject({ exitCode: 0, stderr: "" });
  },
);

test.for(MODES)(
  "ADD() in mode $mode is silent where the operator has turned forwarding on",
  async ({ network }) => {
    await using node = await nodeWith(1);
    const conf = { ...network, forwarding: "leave" };
    expect(call(node, "ADD", { conf })).toMatchObject({ exitCode: 0, stderr: "" });
  },
);

test.for(MODES)(
  "CHECK() in mode $mode names what is off where the configuration says nothing",
  async ({ network }) => {
    await using node = await nodeWith(0);
    const prevResult = attach(node, { conf: { ...network, forwarding: "leave" } });
    const checked = callWithResult(node, "CHECK", prevResult, { conf: network });
    expect(checked.json).toMatchObject({
      code: 102,
      msg: expect.stringContaining("net/ipv4/ip_forward is 0"),
    });
  },
);

test("ADD() leaves accept_ra of the node's interfaces where the operator has forwarding", async () => {
  await using node = await nodeWith(0);
  node.sh(`ip link add up0 type veth peer name up1; sysctl -qw net.ipv6.conf.up0.accept_ra=1
    ip link set up0 up; ip link set up1 up; ip -6 route add default via fe80::1 dev up0 proto ra`);
  const added = call(node, "ADD", { conf: { ...MYNET, forwarding: "leave" } });
  expect(added.exitCode).toBe(0);
  expect(valuesOf(node, ["net.ipv6.conf.up0.accept_ra"])).toEqual(["1"]);
  expect(added.stderr).not.toContain("accept_ra");
});

test("ADD() refuses another word for it, with the field and what it may be", async () => {
  await using node = await nodeWith(0);
  expect(call(node, "ADD", { conf: { ...MYNET, forwarding: "never" } }).json).toMatchObject({
    code: 7,
    msg: 'forwarding: got "never", want "ensure" or "leave"',
  });
});
