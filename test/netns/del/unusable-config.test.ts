/** DEL with a configuration that cannot be used: the one record that the node has of the attachment tells what to remove. */

import { expect, test } from "vitest";
import { leftoversOf } from "../../support/kernel/leftovers.ts";
import { Node } from "../../support/node/node.ts";
import { attach, DUAL_STACK, NETCONF } from "../../support/pod/attachment.ts";
import { mapped, WEB } from "../../support/traffic/traffic-networks.ts";

/** All that an attachment can have: rules, a host port, an ifb device, addresses of both families. */
const FULL = {
  ...mapped([WEB]),
  ipam: { ...DUAL_STACK, dataDir: "/var/lib/cni/elsewhere" },
  ipMasq: true,
  macspoofchk: true,
  ingressRate: 1_000_000,
  ingressBurst: 1_000_000,
  egressRate: 1_000_000,
  egressBurst: 1_000_000,
};
const WHOLE = JSON.stringify({ ...NETCONF, ...FULL });

function del(node: Node, conf: string | object, ifname = "eth0") {
  return node.cni({ command: "DEL", conf, containerId: "c1", netns: "/run/netns/c1", ifname });
}

const unusable: { name: string; conf: string | object; why: string }[] = [
  { name: "is empty", conf: "", why: "standard input is not JSON" },
  { name: "is an empty object", conf: "{}", why: "name: missing network name" },
  { name: "is cut off", conf: WHOLE.slice(0, 100), why: "standard input is not JSON" },
  { name: "is no object", conf: "[]", why: "got []" },
  { name: "is null", conf: "null", why: "got null" },
  { name: "is binary", conf: "\0\0\0", why: "standard input is not JSON" },
  { name: "has a name of the wrong kind", conf: { ...NETCONF, name: 7 }, why: "name: got 7" },
  { name: "has an invalid name", conf: { ...NETCONF, name: "../x" }, why: 'name: "../x"' },
  { name: "has a version nobody knows", conf: { ...NETCONF, cniVersion: "9.9.9" }, why: "9.9.9" },
  { name: "has a version of the wrong kind", conf: { ...NETCONF, cniVersion: 1 }, why: "cniVersion: got 1" },
  { name: "has a type of the wrong kind", conf: { ...NETCONF, type: [] }, why: "type: got []" },
  {
    name: "names a network that the node has never had, with the pod's range",
    conf: { ...NETCONF, name: "renamed" },
    why: 'network "renamed" has no record',
  },
];

test.for(unusable)("DEL() goes by the record when the configuration $name", async ({ conf, why }) => {
  await using node = await Node.create();
  attach(node, { conf: FULL });
  const done = del(node, conf);
  expect(done).toMatchObject({ exitCode: 0, stdout: "" });
  expect(done.stderr.split("\n").filter((line) => line.includes("record"))).toEqual([
    expect.stringContaining(why),
  ]);
  expect(done.stderr).toContain('record of c1 eth0 on network "mynet"');
  expect(leftoversOf(node)).toEqual([]);
});

test("DEL() goes by the record, and without the namespace, when the configuration is empty", async () => {
  await using node = await Node.create();
  attach(node, { conf: FULL });
  node.sh("ip netns del c1");
  expect(del(node, "")).toMatchObject({ exitCode: 0, stdout: "" });
  expect(leftoversOf(node)).toEqual([]);
});

test("DEL() searches for what the record does not tell when that is cut off and the configuration empty", async () => {
  await using node = await Node.create();
  attach(node);
  node.sh("truncate -s 40 /run/podwire/mynet/c1:eth0.json");
  expect(del(node, "")).toMatchObject({ exitCode: 0, stdout: "" });
  expect(leftoversOf(node)).toEqual([]);
});

test("DEL() leaves other containers and interfaces alone when the configuration is empty", async () => {
  await using node = await Node.create();
  attach(node);
  attach(node, { ifname: "eth1" });
  attach(node, { containerId: "c2" });
  expect(del(node, "").exitCode).toBe(0);
  expect(
    node.sh("ls /run/podwire/mynet /var/lib/cni/networks/mynet | grep -v -e lock -e _").split("\n"),
  ).toEqual([
    "/run/podwire/mynet:",
    "c1:eth1.json",
    "c2:eth0.json",
    "",
    "/var/lib/cni/networks/mynet:",
    "10.1.0.3",
    "10.1.0.4",
    "",
  ]);
});

const refused = [
  { name: "empty", conf: "", code: 6, cniVersion: "1.1.0" },
  { name: "an empty object", conf: "{}", code: 7, cniVersion: "1.1.0" },
  { name: "cut off", conf: '{"cniVersion": "0.4.0", "name"', code: 6, cniVersion: "0.4.0" },
  { name: "without a name", conf: '{"cniVersion": "0.4.0"}', code: 7, cniVersion: "0.4.0" },
];

test.for(refused)(
  "DEL() refuses a configuration that is $name, and says what to do, when there is no record",
  async ({ conf, code, cniVersion }) => {
    await using node = await Node.create();
    const { exitCode, json } = del(node, conf);
    expect({ exitCode, json }).toMatchObject({ exitCode: 1, json: { code, cniVersion } });
    expect(json.details).toContain("no record of c1 eth0 on this node");
    expect(json.details).toContain("call DEL with the configuration of its ADD");
  },
);

/** A record of another network in the place of a second attachment: in one namespace there can be no two of a name. */
const SECOND = `mkdir -p /run/podwire/othernet
  sed 's/"mynet"/"othernet"/' '/run/podwire/mynet/c1:eth0.json' > '/run/podwire/othernet/c1:eth0.json'`;

test("DEL() refuses an empty configuration and changes nothing when two networks have a record", async () => {
  await using node = await Node.create();
  attach(node);
  node.sh(SECOND);
  const before = leftoversOf(node);
  const { exitCode, json } = del(node, "{}");
  expect({ exitCode, json }).toMatchObject({ exitCode: 1, json: { code: 7 } });
  expect(json.details).toContain("networks mynet, othernet have a record of c1 eth0");
  expect(json.details).toContain('want "name" to be one of them');
  expect(leftoversOf(node)).toEqual(before);
});

test("DEL() goes by the record of the configuration's network when two have one and the version is wrong", async () => {
  await using node = await Node.create();
  attach(node);
  node.sh(SECOND);
  expect(del(node, { ...NETCONF, cniVersion: "9.9.9" })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(leftoversOf(node)).toEqual(["/run/podwire/othernet/c1:eth0.json"]);
});

test("DEL() leaves the record of another network alone when the configuration's has had pods", async () => {
  await using node = await Node.create();
  const othernet = { name: "othernet", bridge: "cni1", ipam: { type: "host-local", subnet: "10.2.0.0/16" } };
  attach(node, { conf: othernet, ifname: "eth1" });
  attach(node);
  const before = leftoversOf(node);
  expect(del(node, { ...NETCONF, ...othernet })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  expect(leftoversOf(node)).toEqual(before);
});

const others = ["ADD", "CHECK", "GC", "STATUS"];

test.for(others)("%s refuses an empty configuration when there is a record", async (command) => {
  await using node = await Node.create();
  attach(node);
  const before = leftoversOf(node);
  const called = node.cni({ command, conf: "", containerId: "c1", netns: "/run/netns/c1", ifname: "eth0" });
  expect(called).toMatchObject({ exitCode: 1, json: { code: 6 } });
  expect(leftoversOf(node)).toEqual(before);
});
