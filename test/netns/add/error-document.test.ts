/** Error documents: exactly one JSON object on standard output, and exit status 1. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { type AttachmentCall, call, ensurePod } from "../../support/pod/attachment.ts";

interface Failure {
  readonly name: string;
  readonly command: string;
  readonly code: number;
  readonly options: AttachmentCall;
  readonly setup?: string;
}

const failures: Failure[] = [
  { name: "a version nobody knows", command: "ADD", code: 1, options: { conf: { cniVersion: "9.9.9" } } },
  {
    name: "a verb younger than the version",
    command: "GC",
    code: 1,
    options: { conf: { cniVersion: "0.4.0" } },
  },
  { name: "an unsupported field", command: "ADD", code: 2, options: { conf: { conditionsV4: [] } } },
  { name: "an unknown verb", command: "NOPE", code: 4, options: {} },
  { name: "a missing variable", command: "ADD", code: 4, options: { netns: "" } },
  { name: "a broken container ID", command: "DEL", code: 4, options: { containerId: "_" } },
  { name: "unknown CNI_ARGS", command: "ADD", code: 4, options: { args: "FOO=1" } },
  {
    name: "a read-only directory",
    command: "ADD",
    code: 5,
    options: {},
    setup: "mount -t tmpfs -o ro tmpfs /var/lib/cni",
  },
  { name: "a wrong type", command: "ADD", code: 7, options: { conf: { mtu: "x" } } },
  { name: "a missing namespace", command: "ADD", code: 8, options: { netns: "/run/none" } },
  {
    name: "an exhausted pool",
    command: "ADD",
    code: 11,
    options: { conf: { ipam: { type: "host-local", subnet: "10.1.0.0/30" } } },
    setup: "mkdir -p /var/lib/cni/networks/mynet; printf c9 > /var/lib/cni/networks/mynet/10.1.0.2",
  },
  {
    name: "a node that cannot take a pod",
    command: "STATUS",
    code: 50,
    options: {},
    setup: "ip link add cni0 type veth peer name x",
  },
  {
    name: "an interface that exists",
    command: "ADD",
    code: 100,
    options: {},
    setup: "ip -n c1 link add eth0 type bridge",
  },
  {
    name: "a refusal of the kernel",
    command: "ADD",
    code: 101,
    options: {
      conf: {
        ipam: { type: "host-local", subnet: "10.1.0.0/16", routes: [{ dst: "10.9.0.0/16", scope: 255 }] },
      },
    },
  },
  {
    name: "an attachment that is not as it was",
    command: "CHECK",
    code: 102,
    options: { conf: { prevResult: { cniVersion: "1.1.0", interfaces: [], ips: [] } } },
  },
  { name: "a missing delegate", command: "STATUS", code: 104, options: { conf: { ipam: { type: "none" } } } },
];

test.for(failures)("podwire prints one error document with code $code when there is $name", async (row) => {
  await using node = await Node.create();
  ensurePod(node);
  node.sh(row.setup ?? "true");
  const { exitCode, json, stderr } = call(node, row.command, row.options);
  expect(exitCode).toBe(1);
  const { cniVersion, code, msg, details, ...others } = json;
  expect(code).toBe(row.code);
  expect([typeof cniVersion, typeof msg, others]).toEqual(["string", "string", {}]);
  expect(["string", "undefined"]).toContain(typeof details);
  expect(msg).not.toBe("");
  expect(stderr).toBe("");
});

test.for(["0.2.0", "0.4.0", "1.0.0", "1.1.0"])(
  "podwire's error bears version %s when that was asked",
  async (cniVersion) => {
    await using node = await Node.create();
    const failed = call(node, "ADD", { conf: { cniVersion }, netns: "/run/none" });
    expect(failed.json.cniVersion).toBe(cniVersion);
  },
);

const inputs = ["", "{", "[]", "null", "7", '{"cniVersion":"1.1.0"}'];

test.for(inputs)("podwire prints one error document when standard input is %j", async (conf) => {
  await using node = await Node.create();
  const failed = node.cni({
    command: "ADD",
    conf,
    containerId: "c1",
    netns: ensurePod(node),
    ifname: "eth0",
  });
  expect(failed.exitCode).toBe(1);
  expect([6, 7]).toContain(failed.json.code);
});
