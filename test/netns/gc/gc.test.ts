/** GC: what the runtime does not list any more goes, all else stays. */

import { expect, test } from "vitest";
import { linkOf, links, remains, snapshot, stateFiles } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { type AttachmentCall, attach, call } from "../../support/pod/attachment.ts";

const VALID = "cni.dev/valid-attachments";
const OTHER = { name: "other", bridge: "br1", ipam: { type: "host-local", subnet: "10.2.0.0/16" } };
const done = { exitCode: 0, stdout: "" };
const BRIDGES = ["cni0", "br1"];
const DIRECTORY = "/var/lib/cni/networks/mynet";

function gc(node: Node, valid: object | undefined, options: AttachmentCall = {}, key = VALID) {
  const conf = valid === undefined ? options.conf : { ...options.conf, [key]: valid };
  return call(node, "GC", { ...options, ...(conf === undefined ? {} : { conf }) });
}

test("GC() removes nothing when the list is absent", async () => {
  await using node = await Node.create();
  attach(node);
  const before = snapshot(node, []);
  expect(gc(node, undefined)).toMatchObject(done);
  expect(snapshot(node, [])).toEqual(before);
});

test("GC() removes all of the network when the list is null, as libcni writes an empty one", async () => {
  await using node = await Node.create();
  attach(node);
  expect(call(node, "GC", { conf: { [VALID]: null } })).toMatchObject(done);
  expect(remains(node)).toEqual([]);
});

test("GC() keeps what the other list names when one is null", async () => {
  await using node = await Node.create();
  attach(node);
  const before = snapshot(node, []);
  const listed = [{ containerID: "c1", ifname: "eth0" }];
  expect(call(node, "GC", { conf: { [VALID]: null, "cni.dev/attachments": listed } })).toMatchObject(done);
  expect(snapshot(node, [])).toEqual(before);
});

test.for([VALID, "cni.dev/attachments"])("GC() removes all of the network when %s is empty", async (key) => {
  await using node = await Node.create();
  attach(node);
  attach(node, { containerId: "c2" });
  attach(node, { containerId: "c2", ifname: "eth1" });
  expect(gc(node, [], {}, key)).toMatchObject(done);
  expect(remains(node)).toEqual([]);
});

test("GC() leaves another network alone when its own list is empty", async () => {
  await using node = await Node.create();
  attach(node, { conf: OTHER, containerId: "c2" });
  const before = snapshot(node, BRIDGES);
  attach(node);
  expect(gc(node, [])).toMatchObject(done);
  const { pods, ...after } = snapshot(node, BRIDGES);
  expect({ ...after, pods: { c2: pods.c2 } }).toEqual(before);
});

test("GC() keeps what is listed when others go", async () => {
  await using node = await Node.create();
  attach(node);
  const kept = snapshot(node);
  attach(node, { containerId: "c2" });
  attach(node, { ifname: "eth1" });
  expect(gc(node, [{ containerID: "c1", ifname: "eth0" }])).toMatchObject(done);
  const { pods, ...after } = snapshot(node);
  expect({ ...after, pods: { c1: pods.c1 } }).toEqual(kept);
  expect(links(node, "c2").map(({ ifname }) => ifname)).toEqual(["lo"]);
});

const traces = [
  { name: "its record is gone", script: "rm -r /run/podwire/mynet" },
  { name: "its reservation is gone", script: `rm ${DIRECTORY}/10.1.0.2` },
  { name: "record and reservation are gone", script: `rm -r /run/podwire/mynet ${DIRECTORY}` },
  { name: "its interface is gone", script: "ip -n c1 link del eth0" },
  { name: "its namespace is gone", script: "ip netns del c1" },
  { name: "its record is garbled", script: "echo x > /run/podwire/mynet/c1:eth0.json" },
];

test.for(traces)("GC() removes an attachment when $name", async ({ script }) => {
  await using node = await Node.create();
  attach(node);
  node.sh(script);
  expect(gc(node, [])).toMatchObject(done);
  expect(links(node).filter((link) => link.linkinfo?.info_kind === "veth")).toEqual([]);
  expect(stateFiles(node)).toEqual({});
});

const foreign = [
  { name: "host-local's", content: "c9\\r\\neth0", valid: [], left: [] },
  { name: "old host-local's with the ID alone", content: "c9", valid: [], left: [] },
  { name: "host-local's, listed", content: "c9\\r\\neth0", valid: ["c9"], left: ["10.1.0.9"] },
  { name: "old host-local's, listed", content: "c9", valid: ["c9"], left: ["10.1.0.9"] },
];

test.for(foreign)(
  "GC() judges a reservation by its content when it is $name",
  async ({ content, valid, left }) => {
    await using node = await Node.create();
    node.sh(`mkdir -p ${DIRECTORY}; printf '${content}' > ${DIRECTORY}/10.1.0.9`);
    const entries = valid.map((containerID) => ({ containerID, ifname: "eth0" }));
    expect(gc(node, entries)).toMatchObject(done);
    expect(Object.keys(stateFiles(node))).toEqual(left.map((name) => `${DIRECTORY}/${name}`));
  },
);

test("GC() keeps links without our mark when the list is empty", async () => {
  await using node = await Node.create();
  node.sh("ip link add foreign type veth peer name peer; ip link set foreign alias 'docker mynet/c1/eth0'");
  const before = snapshot(node, []);
  expect(gc(node, [])).toMatchObject(done);
  expect(snapshot(node, [])).toEqual(before);
});

test("GC() keeps bridge and gateway address when all pods go", async () => {
  await using node = await Node.create();
  attach(node);
  gc(node, []);
  expect(linkOf(node, "cni0").flags).toContain("UP");
  expect(node.json("ip -j -4 address show dev cni0")[0].addr_info[0].local).toBe("10.1.0.1");
});

test("GC() removes the others and reports with code 103 when one cannot be removed", async () => {
  await using node = await Node.create();
  const failing = { env: { CNI_PATH: "/run/bin" } };
  const script =
    '#!/bin/sh\ntest $CNI_COMMAND = ADD || exit 1\necho \'{"ips":[{"address":"10.1.0.99/16"}]}\'\n';
  node.sh(`mkdir /run/bin; cat > /run/bin/stuck <<'END'\n${script}END\nchmod +x /run/bin/stuck`);
  attach(node, { ...failing, conf: { ipam: { type: "stuck" } } });
  attach(node, { containerId: "c2" });
  const swept = gc(node, [], failing);
  expect([swept.exitCode, swept.json.code]).toEqual([1, 103]);
  expect(swept.json.msg).toContain("mynet/c1/eth0");
  expect(Object.keys(stateFiles(node))).toEqual(["/run/podwire/mynet/c1:eth0.json"]);
  expect(links(node, "c2").map(({ ifname }) => ifname)).toEqual(["lo"]);
});

test("GC() hands the list to the delegate when addresses are delegated", async () => {
  await using node = await Node.create();
  const script = "#!/bin/sh\necho $CNI_COMMAND > /run/call\ncat > /run/input\n";
  node.sh(`mkdir /run/bin; cat > /run/bin/spy <<'END'\n${script}END\nchmod +x /run/bin/spy`);
  const valid = [{ containerID: "c1", ifname: "eth0" }];
  gc(node, valid, { conf: { ipam: { type: "spy" } }, env: { CNI_PATH: "/run/bin" } });
  expect(node.sh("cat /run/call")).toBe("GC\n");
  expect(JSON.parse(node.sh("cat /run/input"))[VALID]).toEqual(valid);
});

test("GC() refuses with code 1 when the version has no GC", async () => {
  await using node = await Node.create();
  attach(node);
  const before = snapshot(node, []);
  const refused = gc(node, [], { conf: { cniVersion: "1.0.0" } });
  expect([refused.exitCode, refused.json.code]).toEqual([1, 1]);
  expect(snapshot(node, [])).toEqual(before);
});

const broken = [{ containerID: "c1" }, {}, "c1", 7];

test.for(broken)("GC() removes nothing and refuses when an entry of the list is %j", async (entry) => {
  await using node = await Node.create();
  attach(node);
  const before = snapshot(node, []);
  expect(gc(node, [entry]).exitCode).toBe(1);
  expect(snapshot(node, [])).toEqual(before);
});
