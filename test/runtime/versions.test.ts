/** ADD, CHECK and DEL through the real cnitool, with a configuration of each CNI version. */

import { expect, test } from "vitest";
import { RuntimeNode } from "../support/runtime/cnitool.ts";

const VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;
const WITHOUT_CHECK: readonly string[] = ["0.1.0", "0.2.0", "0.3.0", "0.3.1"];

function plugin(): object {
  return {
    type: "podwire",
    isDefaultGateway: true,
    ipam: { type: "host-local", ranges: [[{ subnet: "10.1.0.0/16" }], [{ subnet: "fd00:1::/64" }]] },
  };
}

async function nodeWithPod(cniVersion: string) {
  const runtime = await RuntimeNode.create();
  runtime.configure({ cniVersion, name: "mynet", plugins: [plugin()] });
  const netns = runtime.node.addPod("pod");
  const added = runtime.call("add", { netns });
  if (added.exitCode !== 0) throw new Error(`cnitool add: ${added.stderr}`);
  return { runtime, netns, added, [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose]() };
}

test.for(VERSIONS)("ADD() gives the pod the addresses of the result at %s", async (cniVersion) => {
  await using world = await nodeWithPod(cniVersion);
  const { runtime, added } = world;
  const { ips, ip4, ip6 } = added.json;
  const printed = ips?.map((ip: { address: string }) => ip.address) ?? [ip4.ip, ip6.ip];
  expect({ cniVersion: added.json.cniVersion, printed, stderr: added.stderr }).toEqual({
    cniVersion,
    printed: ["10.1.0.2/16", "fd00:1::2/64"],
    stderr: "",
  });
  expect(runtime.addressesOf("pod")).toEqual(printed);
});

test.for(VERSIONS)("ADD() makes the pod reach its gateway over both families at %s", async (cniVersion) => {
  await using world = await nodeWithPod(cniVersion);
  const { runtime } = world;
  for (const gateway of ["10.1.0.1", "fd00:1::1"]) {
    expect(runtime.node.sh(`ip netns exec pod ping -c 1 -W 2 ${gateway}`)).toContain("1 received");
  }
});

test.for(VERSIONS.filter((version) => !WITHOUT_CHECK.includes(version)))(
  "CHECK() accepts what ADD made at %s",
  async (cniVersion) => {
    await using world = await nodeWithPod(cniVersion);
    const { runtime, netns } = world;
    expect(runtime.call("check", { netns })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  },
);

test.for(VERSIONS.filter((version) => !WITHOUT_CHECK.includes(version)))(
  "CHECK() tells the runtime of a lost address at %s",
  async (cniVersion) => {
    await using world = await nodeWithPod(cniVersion);
    const { runtime, netns } = world;
    runtime.node.sh("ip -n pod address delete 10.1.0.2/16 dev eth0");
    const { exitCode, stderr } = runtime.call("check", { netns });
    expect({ exitCode, names: stderr.includes("10.1.0.2/16") }).toEqual({ exitCode: 1, names: true });
  },
);

test.for(WITHOUT_CHECK)("CHECK() is refused with code 1 at %s", async (cniVersion) => {
  await using world = await nodeWithPod(cniVersion);
  const { runtime, netns } = world;
  const conf = { cniVersion, name: "mynet", ...plugin() };
  const call = { command: "CHECK", conf, containerId: "c1", netns, ifname: "eth0" };
  expect(runtime.node.cni(call)).toMatchObject({ exitCode: 1, json: { cniVersion, code: 1 } });
});

test.for(VERSIONS)("DEL() removes link, addresses and record at %s", async (cniVersion) => {
  await using world = await nodeWithPod(cniVersion);
  const { runtime, netns } = world;
  expect(runtime.call("del", { netns })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  const left = { links: runtime.hostEnds(), addresses: runtime.reservations() };
  expect(left).toEqual({ links: [], addresses: [] });
  expect(runtime.node.sh("find /run/podwire -name '*.json'")).toBe("");
});

test.for(VERSIONS)(
  "DEL() by cnitool succeeds without the namespace, and again, at %s",
  async (cniVersion) => {
    await using world = await nodeWithPod(cniVersion);
    const { runtime, netns } = world;
    runtime.node.sh("ip netns delete pod");
    const codes = [1, 2].map(() => runtime.call("del", { netns }).exitCode);
    expect({ codes, addresses: runtime.reservations() }).toEqual({ codes: [0, 0], addresses: [] });
  },
);

test("ADD() speaks the highest of the versions that the configuration lists", async () => {
  await using runtime = await RuntimeNode.create();
  const cniVersions = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"];
  runtime.configure({ cniVersion: "0.3.1", cniVersions, name: "mynet", plugins: [plugin()] });
  const added = runtime.call("add", { netns: runtime.node.addPod("pod") });
  expect(added.json.cniVersion).toBe("1.1.0");
});
