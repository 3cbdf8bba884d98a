/** STATUS: silent success while an ADD could succeed, else code 50 with the reasons. */

import { expect, test } from "vitest";
import { snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, NETCONF } from "../../support/pod/attachment.ts";

const { ipam } = NETCONF;
const DIRECTORY = "/var/lib/cni/networks/mynet";
const SMALL = { notReadyWhenFull: true, ipam: { ...ipam, subnet: "10.1.0.0/30" } };
const done = { exitCode: 0, stdout: "", stderr: "" };

const fine = [
  { name: "the node is new", setup: "true", conf: {} },
  { name: "the bridge exists", setup: "ip link add cni0 type bridge", conf: {} },
  { name: "there are no addresses to give", setup: "true", conf: { ipam: undefined } },
  {
    name: "one address is left",
    setup: `mkdir -p ${DIRECTORY}; printf c1 > ${DIRECTORY}/10.1.0.2`,
    conf: { ipam: { ...ipam, subnet: "10.1.0.0/29" } },
  },
];

test.for(fine)("STATUS() succeeds and changes nothing when $name", async ({ setup, conf }) => {
  await using node = await Node.create();
  node.sh(setup);
  const before = snapshot(node, []);
  expect(call(node, "STATUS", { conf })).toMatchObject(done);
  expect(snapshot(node, [])).toEqual(before);
  expect(node.sh("ls -A /var/lib/cni")).toBe(node.sh(`test -d ${DIRECTORY} && echo networks || true`));
});

const wrong = [
  {
    name: "the pool is exhausted",
    setup: `mkdir -p ${DIRECTORY}; printf c1 > ${DIRECTORY}/10.1.0.2`,
    conf: SMALL,
    reason: "10.1.0.1-10.1.0.2",
  },
  {
    name: "one of two pools is exhausted",
    setup: `mkdir -p ${DIRECTORY}; printf c1 > ${DIRECTORY}/10.1.0.2`,
    conf: {
      notReadyWhenFull: true,
      ipam: { type: "host-local", ranges: [[{ subnet: "fd00:1::/64" }], [{ subnet: "10.1.0.0/30" }]] },
    },
    reason: "10.1.0.1-10.1.0.2",
  },
  {
    name: "the bridge's name is taken",
    setup: "ip link add cni0 type veth peer name x",
    conf: {},
    reason: "cni0",
  },
  {
    name: "the data directory is read-only",
    setup: "mount -t tmpfs -o ro tmpfs /var/lib/cni",
    conf: {},
    reason: "/var/lib/cni/networks",
  },
  {
    name: "the network's data directory is read-only",
    setup: `mkdir -p ${DIRECTORY}; mount -t tmpfs -o ro tmpfs ${DIRECTORY}`,
    conf: {},
    reason: DIRECTORY,
  },
  {
    name: "the record directory is read-only",
    setup: "mkdir /run/podwire; mount -t tmpfs -o ro tmpfs /run/podwire",
    conf: {},
    reason: "/run/podwire",
  },
  {
    name: "the data directory is a file",
    setup: "touch /var/lib/cni/networks",
    conf: {},
    reason: "/var/lib/cni/networks",
  },
];

test.for(wrong)("STATUS() answers 50 and ADD() fails when $name", async ({ setup, conf, reason }) => {
  await using node = await Node.create();
  node.sh(setup);
  const status = call(node, "STATUS", { conf });
  expect([status.exitCode, status.json?.code]).toEqual([1, 50]);
  expect(status.json.msg).toContain(reason);
  expect(() => attach(node, { conf, containerId: "c9" })).toThrow();
});

test("STATUS() succeeds when the pool is full: the pods that fill it must not be evicted for that", async () => {
  await using node = await Node.create();
  const conf = { ipam: SMALL.ipam };
  attach(node, { conf });
  expect(call(node, "STATUS", { conf })).toMatchObject(done);
  node.addPod("c2");
  expect(call(node, "ADD", { containerId: "c2", conf }).json).toMatchObject({ code: 11 });
});

test("STATUS() names every reason when there are several", async () => {
  await using node = await Node.create();
  node.sh(
    "ip link add cni0 type veth peer name x; mkdir /run/podwire; mount -t tmpfs -o ro tmpfs /run/podwire",
  );
  const { msg } = call(node, "STATUS").json;
  expect(msg).toContain("cni0");
  expect(msg).toContain("/run/podwire");
});

test("STATUS() answers with the delegate's error when addresses are delegated", async () => {
  await using node = await Node.create();
  const script = '#!/bin/sh\necho \'{"code":51,"msg":"only half"}\'\nexit 1\n';
  node.sh(`mkdir /run/bin; cat > /run/bin/half <<'END'\n${script}END\nchmod +x /run/bin/half`);
  const status = call(node, "STATUS", { conf: { ipam: { type: "half" } }, env: { CNI_PATH: "/run/bin" } });
  expect(status.json).toMatchObject({ code: 51, msg: "only half" });
});

test("STATUS() answers with a code of its own when the delegate is missing", async () => {
  await using node = await Node.create();
  const status = call(node, "STATUS", { conf: { ipam: { type: "nowhere" } } });
  expect([status.exitCode, status.json.code]).toEqual([1, 104]);
});
