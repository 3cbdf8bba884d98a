/** A node whose kernel lacks what the configuration asks for: ADD and STATUS say what, by which field, and what to do. */

import { expect, test } from "vitest";
import { traced } from "../../support/fault/strace.ts";
import { linkOf } from "../../support/kernel/kernel.ts";
import { leftoversOf } from "../../support/kernel/leftovers.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, DUAL_STACK, ensurePod, NETCONF } from "../../support/pod/attachment.ts";
import { PTP } from "../../support/pod/ptp.ts";
import { Segment, segmentRemains } from "../../support/pod/segment.ts";

const RULES = [
  { fields: { ipMasq: true }, asked: "ipMasq" },
  { fields: { ingressPolicy: "isolated" }, asked: "ingressPolicy" },
  { fields: { macspoofchk: true }, asked: "macspoofchk" },
  { fields: { raGuard: true }, asked: "raGuard" },
  { fields: { macspoofchk: true, raGuard: true }, asked: "macspoofchk and raGuard" },
];

test.for(RULES)(
  "ADD() says that the kernel has no nf_tables when $asked asks for rules",
  async ({ fields, asked }) => {
    await using node = await Node.create();
    ensurePod(node);
    // The first two sockets are rtnetlink's: the node's and the pod's.
    const lacking = { syscall: "socket", nth: "3+", effect: "error=EPROTONOSUPPORT" };
    const done = traced(node, { command: "ADD", conf: { ...NETCONF, ...fields } }, lacking);
    const { code, msg, details } = JSON.parse(done.stdout);
    expect([done.wasHit, code]).toEqual([true, 101]);
    expect(msg).toMatch(/this kernel has no nf_tables .*module nf_tables/);
    expect(msg).toContain(`asked for by ${asked}:`);
    expect(details).toContain(`take ${asked} out of the configuration`);
    expect(leftoversOf(node).filter((line) => !line.startsWith("/run/netns"))).toEqual([]);
  },
);

/** Both modes need IPv6 on the node where they are the gateway. */
const MODES = [
  { mode: "bridge", conf: { ipam: DUAL_STACK } },
  { mode: "ptp", conf: PTP },
];
const OFF = [
  { key: "all", mended: "sysctl -w net/ipv6/conf/all/disable_ipv6=0" },
  { key: "default", mended: "sysctl -w net/ipv6/conf/default/disable_ipv6=0" },
];
const rows = MODES.flatMap((mode) => OFF.map((off) => ({ ...mode, ...off })));

test.for(rows)(
  "ADD() and STATUS() in mode $mode say that IPv6 is off by $key",
  async ({ conf, key, mended }) => {
    await using node = await Node.create();
    node.sh(`sysctl -qw net.ipv6.conf.${key}.disable_ipv6=1`);
    ensurePod(node);
    const reason = `IPv6 is off on this node: sysctl net/ipv6/conf/${key}/disable_ipv6 is 1; the range fd00:1::/64 cannot be used`;
    expect(call(node, "STATUS", { conf }).json).toMatchObject({
      code: 50,
      msg: expect.stringContaining(reason),
    });
    const { json } = call(node, "ADD", { conf });
    expect(json).toMatchObject({ code: 101, msg: expect.stringContaining(reason) });
    expect(json.details).toContain(mended);
    expect(json.details).toContain("or take the IPv6 range out of ipam");
    expect(leftoversOf(node)).toEqual([]);
    node.sh(json.details.split(";")[0]);
    expect(call(node, "STATUS", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
    attach(node, { conf });
  },
);

test("ADD() and STATUS() say so when IPv6 is off on the bridge that is there", async () => {
  await using node = await Node.create();
  node.sh("ip link add cni0 type bridge; sysctl -qw net.ipv6.conf.cni0.disable_ipv6=1");
  ensurePod(node);
  const reason = "sysctl net/ipv6/conf/cni0/disable_ipv6 is 1";
  const conf = { ipam: DUAL_STACK };
  expect(call(node, "STATUS", { conf }).json).toMatchObject({
    code: 50,
    msg: expect.stringContaining(reason),
  });
  expect(call(node, "ADD", { conf }).json).toMatchObject({ code: 101, msg: expect.stringContaining(reason) });
});

test.for([
  { name: "it is no gateway", conf: { isGateway: false, ipam: DUAL_STACK } },
  { name: "there are only IPv4 ranges", conf: {} },
])("ADD() and STATUS() succeed without IPv6 on the node when $name", async ({ conf }) => {
  await using node = await Node.create();
  node.sh("sysctl -qw net.ipv6.conf.all.disable_ipv6=1");
  ensurePod(node);
  expect(call(node, "STATUS", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(call(node, "ADD", { conf }).exitCode).toBe(0);
});

/** Kernels differ: this is about those without 8021q. */
test("ADD() says that the kernel has no VLAN interfaces when a network by name has a VLAN", async ({
  skip,
}) => {
  await using segment = await Segment.create("macvlan");
  const { node } = segment;
  const isThere = node.run(["ip", ..."link add v9 link eth1 type vlan id 9".split(" ")]).exitCode === 0;
  skip(isThere, "this kernel has 8021q");
  const range = { subnet: "10.9.0.0/24", start: "10.9.0.10", end: "10.9.0.20" };
  segment.put("networks/tagged.json", {
    ranges: [range],
    vlan: 9,
    attach: { kind: "macvlan", uplink: "eth1" },
  });
  node.addPod("c1");
  const { json } = segment.call("ADD", { wishes: [{ network: "tagged" }] });
  expect(json.code).toBe(101);
  expect(json.msg).toContain("this kernel has no interfaces of VLANs (CONFIG_VLAN_8021Q, module 8021q)");
  expect(json.msg).toContain('asked for by network "tagged"');
  expect(json.details).toContain("modprobe");
  expect(segmentRemains(segment)).toEqual([]);
  expect(linkOf(node, "eth1.9")).toBeUndefined();
});
