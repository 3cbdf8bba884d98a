/** Tuning: what ADD says to settings that it cannot take, and that nothing is left. */

import { expect, test } from "vitest";
import { remains } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

/** What ADD answers, with what it left. */
function refusalOf(node: Node, conf: object) {
  ensurePod(node);
  const { exitCode, json } = call(node, "ADD", { conf: { ...MYNET, ...conf } });
  const isBridgeLeft = node.sh("ip -br link").includes("cni0");
  return { exitCode, ...json, left: remains(node), isBridgeLeft };
}

const untouched = { exitCode: 1, left: [], isBridgeLeft: false };

const foreign = [
  "kernel.hostname",
  "kernel/hostname",
  "vm.swappiness",
  "fs.file-max",
  "net",
  "",
  "netfilter.x",
  "net/../kernel/hostname",
  "net/core/../../vm/swappiness",
  "/net/core/somaxconn",
  "net..core.somaxconn",
];

/** The value that the parameter has: whoever wrote it nevertheless would change nothing on this machine. */
function presentValue(node: Node, name: string): string {
  const path = /^[^/]*\./.test(name) ? name.replaceAll(".", "/") : name;
  return node.sh(`cat '/proc/sys/${path}' 2>/dev/null || echo 1`).trim();
}

test.for(foreign)('ADD() fails with code 7 and changes nothing when it shall set "%s"', async (name) => {
  await using node = await Node.create();
  const refusal = refusalOf(node, { sysctl: { [name]: presentValue(node, name) } });
  expect(refusal).toMatchObject({ ...untouched, code: 7, msg: expect.stringContaining("sysctl") });
});

test("ADD() sets no parameter when one of several is none of the network's", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const before = node.sh("ip netns exec c1 cat /proc/sys/net/core/somaxconn");
  const hostname = presentValue(node, "kernel.hostname");
  refusalOf(node, { sysctl: { "net.core.somaxconn": "517", "kernel.hostname": hostname } });
  expect(node.sh("ip netns exec c1 cat /proc/sys/net/core/somaxconn")).toBe(before);
});

const twice = [
  { name: "in one object", sysctl: '{"net.core.somaxconn": "1", "net.core.somaxconn": "2"}' },
  { name: "with equal values", sysctl: '{"net.core.somaxconn": "1", "net.core.somaxconn": "1"}' },
  { name: "with dots and with slashes", sysctl: '{"net.core.somaxconn": "1", "net/core/somaxconn": "2"}' },
];

test.for(twice)("ADD() fails with code 7 when a parameter stands twice $name", async ({ sysctl }) => {
  await using node = await Node.create();
  ensurePod(node);
  const text = JSON.stringify({
    cniVersion: "1.1.0",
    name: "mynet",
    type: "podwire",
    ...MYNET,
    sysctl: "HERE",
  });
  const conf = text.replace('"HERE"', sysctl);
  const place = { containerId: "c1", netns: "/run/netns/c1", ifname: "eth0" };
  const { exitCode, json } = node.cni({ ...place, command: "ADD", conf });
  expect({ exitCode, code: json.code, left: remains(node) }).toEqual({ exitCode: 1, code: 7, left: [] });
  expect(json.msg).toContain("net.core.somaxconn".replaceAll(".", sysctl.includes("/") ? "/" : "."));
});

test("ADD() takes a parameter when its name also stands elsewhere in the configuration", async () => {
  await using node = await Node.create();
  const note = "net.core.somaxconn";
  const { ips } = attach(node, { conf: { ...MYNET, sysctl: { [note]: "517" }, note } });
  expect(ips).toHaveLength(2);
});

const wrong = [
  { field: "sysctl", value: "net.core.somaxconn=1" },
  { field: "sysctl", value: ["net.core.somaxconn"] },
  { field: "sysctl", value: { "net.core.somaxconn": 1 } },
  { field: "promisc", value: "yes" },
  { field: "allmulti", value: 1 },
  { field: "txQLen", value: "77" },
  { field: "txQLen", value: -1 },
  { field: "txQLen", value: 1.5 },
  { field: "mac", value: "02:00:00:00:00" },
  { field: "mac", value: "01:00:5e:00:00:01" },
];
const places = [
  { place: "the configuration", path: "", inConf: (fields: object) => fields },
  { place: "args.cni", path: "args.cni.", inConf: (cni: object) => ({ args: { cni } }) },
];
const types = wrong.flatMap((row) => places.map((place) => ({ ...row, ...place })));

test.for(types)(
  "ADD() fails with code 7 and changes nothing when $field of $place is $value",
  async (row) => {
    await using node = await Node.create();
    const refusal = refusalOf(node, row.inConf({ [row.field]: row.value }));
    expect(refusal).toMatchObject({ ...untouched, code: 7 });
    expect(refusal.msg).toContain(`${row.path}${row.field}`);
  },
);

const refusedByKernel = [
  {
    name: "a parameter that the kernel does not have",
    sysctl: { "net.core.nothing": "1" },
    names: "net.core.nothing",
  },
  {
    name: "a value that the kernel refuses",
    sysctl: { "net.core.somaxconn": "many" },
    names: "net.core.somaxconn",
  },
];

test.for(refusedByKernel)("ADD() fails with code 7 and leaves nothing when it gets $name", async (row) => {
  await using node = await Node.create();
  const { exitCode, code, msg, left } = refusalOf(node, { sysctl: row.sysctl });
  expect({ exitCode, code, left }).toEqual({ exitCode: 1, code: 7, left: [] });
  expect(msg).toContain(row.names);
});
