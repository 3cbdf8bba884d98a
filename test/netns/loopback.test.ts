/** Calls of type "loopback", as containerd makes them for each pod. */

import { expect, test } from "vitest";
import { Node, REFERENCE_DIR } from "../support/node/node.ts";
import { call, ensurePod } from "../support/pod/attachment.ts";

const LO = { name: "cni-loopback", type: "loopback" };

function isUp(node: Node, pod = "c1"): boolean {
  return node.json(`ip -n ${pod} -j link show dev lo`)[0].flags.includes("UP");
}

test("ADD() sets lo up and gives what the reference plugin gives", async () => {
  await using node = await Node.create();
  const conf = { ...LO, cniVersion: "1.0.0" };
  ensurePod(node);
  const podwire = call(node, "ADD", { conf, ifname: "lo" });
  const isUpNow = isUp(node);
  node.sh("ip -n c1 link set lo down");
  const reference = call(node, "ADD", { conf, ifname: "lo", plugin: `${REFERENCE_DIR}/loopback` });
  // The newest version leaves an empty "dns" out, Debian's does not.
  expect({ isUpNow, result: { dns: {}, ...podwire.json } }).toEqual({
    isUpNow: true,
    result: reference.json,
  });
});

test("ADD() says of which family each address is when the version is containerd's 0.3.1", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const { json } = call(node, "ADD", { conf: { ...LO, cniVersion: "0.3.1" }, ifname: "lo" });
  expect(json.ips).toEqual([
    { interface: 0, version: "4", address: "127.0.0.1/8" },
    { interface: 0, version: "6", address: "::1/128" },
  ]);
});

test("ADD() gives the previous result when there is one", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const prevResult = { cniVersion: "1.0.0", interfaces: [{ name: "eth0", sandbox: "/run/netns/c1" }] };
  const added = call(node, "ADD", { conf: { ...LO, cniVersion: "1.0.0", prevResult } });
  expect(added.json).toEqual(prevResult);
});

test("CHECK() names lo when it is down, and passes when it is up", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const down = call(node, "CHECK", { conf: LO });
  node.sh("ip -n c1 link set lo up");
  const up = call(node, "CHECK", { conf: LO });
  expect([down.json, up]).toMatchObject([
    { code: 102, msg: 'interface "lo" is down' },
    { exitCode: 0, stdout: "" },
  ]);
});

test("DEL() sets lo down, and passes again when the namespace is gone", async () => {
  await using node = await Node.create();
  ensurePod(node);
  node.sh("ip -n c1 link set lo up");
  const deleted = call(node, "DEL", { conf: LO });
  const isUpNow = isUp(node);
  node.sh("ip netns delete c1");
  const again = call(node, "DEL", { conf: LO });
  expect({ isUpNow, codes: [deleted.exitCode, again.exitCode] }).toEqual({ isUpNow: false, codes: [0, 0] });
});

test("ADD() is refused with code 8 when the namespace is gone", async () => {
  await using node = await Node.create();
  expect(call(node, "ADD", { conf: LO, netns: "/run/netns/gone" }).json.code).toBe(8);
});
