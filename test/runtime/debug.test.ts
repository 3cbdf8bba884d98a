/** What a person sees who asks for every message to the kernel. */

import { expect, test } from "vitest";
import { Node } from "../support/node/node.ts";

const conf = {
  cniVersion: "1.0.0",
  name: "mynet",
  type: "podwire",
  ipam: { type: "host-local", subnet: "10.1.0.0/16" },
};

function add(node: Node, env: Record<string, string>) {
  const netns = node.addPod(`pod${Object.keys(env).length}`);
  return node.cni({ command: "ADD", conf, containerId: netns.slice(-4), netns, ifname: "eth0", env });
}

test("ADD() prints every netlink message by name to standard error when PODWIRE_NETLINK_DEBUG is 1", async () => {
  await using node = await Node.create();
  const { exitCode, json, stderr } = add(node, { PODWIRE_NETLINK_DEBUG: "1" });
  expect([exitCode, json.ips.length]).toEqual([0, 1]);
  const [host] = json.interfaces.slice(1);
  expect(stderr).toMatch(
    new RegExp(`^> #\\d+ RTM_NEWLINK 0x[0-9a-f]+ .*"IFLA_IFNAME":"${host.name}".*VETH_INFO_PEER`, "m"),
  );
  expect(stderr).toMatch(/^> #\d+ RTM_NEWADDR .*"IFA_LOCAL":"10\.1\.0\.2"/m);
  expect(stderr).toMatch(/^< #\d+ NLMSG_ERROR .*\{"errno":19\}$/m);
});

test("ADD() prints nothing to standard error when nobody asks", async () => {
  await using node = await Node.create();
  expect(add(node, {}).stderr).toBe("");
});
