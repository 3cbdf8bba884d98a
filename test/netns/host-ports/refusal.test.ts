/** Host ports: what ADD says to entries and fields that it cannot take, and that it then has changed nothing. */

import { expect, test } from "vitest";
import { remains } from "../../support/kernel/kernel.ts";
import { rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";
import { MYNET, mapped, WEB } from "../../support/traffic/traffic-networks.ts";

/** What ADD answers, with what it left. */
function refusalOf(node: Node, conf: object) {
  ensurePod(node);
  const { exitCode, json } = call(node, "ADD", { conf });
  const isLinkLeft = node.sh("ip -br link").includes("cni0");
  return { exitCode, ...json, left: remains(node), ruleset: rulesetOf(node), isLinkLeft };
}

const untouched = { exitCode: 1, left: [], ruleset: [], isLinkLeft: false };

const invalid = [
  { name: "a host port of 0", entry: { ...WEB, hostPort: 0 }, field: "hostPort" },
  { name: "a host port of 65536", entry: { ...WEB, hostPort: 65_536 }, field: "hostPort" },
  { name: "a host port of 70000", entry: { ...WEB, hostPort: 70_000 }, field: "hostPort" },
  { name: "a host port of -1", entry: { ...WEB, hostPort: -1 }, field: "hostPort" },
  { name: "a host port of 80.5", entry: { ...WEB, hostPort: 80.5 }, field: "hostPort" },
  { name: "no host port", entry: { containerPort: 80 }, field: "hostPort" },
  { name: "a container port of 0", entry: { ...WEB, containerPort: 0 }, field: "containerPort" },
  { name: "a container port of 65536", entry: { ...WEB, containerPort: 65_536 }, field: "containerPort" },
  { name: "no container port", entry: { hostPort: 80 }, field: "containerPort" },
  { name: "an unknown protocol", entry: { ...WEB, protocol: "dccp" }, field: "protocol" },
  { name: "a protocol with a blank", entry: { ...WEB, protocol: "tcp " }, field: "protocol" },
  { name: "a host name", entry: { ...WEB, hostIP: "localhost" }, field: "hostIP" },
  { name: "a broken IPv4 address", entry: { ...WEB, hostIP: "192.168.50" }, field: "hostIP" },
  { name: "a broken IPv6 address", entry: { ...WEB, hostIP: "fd50:::1" }, field: "hostIP" },
  { name: "a prefix", entry: { ...WEB, hostIP: "192.168.50.1/24" }, field: "hostIP" },
];

test.for(invalid)("ADD() fails with code 7 and changes nothing when it gets $name", async (row) => {
  await using node = await Node.create();
  const refusal = refusalOf(node, mapped([row.entry]));
  expect(refusal).toMatchObject({ ...untouched, code: 7 });
  expect(refusal.msg).toContain(`runtimeConfig.portMappings[0].${row.field}`);
});

test("ADD() names the second entry and changes nothing when the first one is right", async () => {
  await using node = await Node.create();
  const refusal = refusalOf(node, mapped([WEB, { ...WEB, hostPort: 70_000 }]));
  expect(refusal).toMatchObject({ ...untouched, code: 7 });
  expect(refusal.msg).toContain("runtimeConfig.portMappings[1].hostPort");
});

test("ADD() refuses with code 7 when one host port leads to two container ports", async () => {
  await using node = await Node.create();
  const refusal = refusalOf(node, mapped([WEB, { ...WEB, containerPort: 81 }]));
  expect(refusal).toMatchObject({ ...untouched, code: 7 });
  expect(refusal.msg).toContain("8080");
});

const wrong = [
  { runtimeConfig: { portMappings: [{ ...WEB, hostPort: "8080" }] }, field: "portMappings[0].hostPort" },
  { runtimeConfig: { portMappings: [{ ...WEB, hostIP: 1 }] }, field: "portMappings[0].hostIP" },
  { runtimeConfig: { portMappings: [{ ...WEB, protocol: 6 }] }, field: "portMappings[0].protocol" },
  { runtimeConfig: { portMappings: ["8080:80"] }, field: "portMappings[0]" },
  { runtimeConfig: { portMappings: WEB }, field: "portMappings" },
  { snat: "yes", field: "snat" },
  { masqAll: 1, field: "masqAll" },
  { backend: 1, field: "backend" },
];

test.for(wrong)(
  "ADD() names $field and changes nothing when its type is wrong",
  async ({ field, ...conf }) => {
    await using node = await Node.create();
    const refusal = refusalOf(node, { ...mapped([WEB]), ...conf });
    expect(refusal).toMatchObject(untouched);
    expect(refusal.msg).toContain(field);
  },
);

test("ADD() refuses with code 7 when the backend is unknown", async () => {
  await using node = await Node.create();
  const refusal = refusalOf(node, mapped([WEB], { ...MYNET, backend: "ipfw" }));
  expect(refusal).toMatchObject({ ...untouched, code: 7, msg: expect.stringContaining("backend") });
});

test.for(["iptables", "nftables"])(
  "ADD() opens the port by nftables alone when backend is %s",
  async (backend) => {
    await using node = await Node.create();
    attach(node, { conf: mapped([WEB], { ...MYNET, backend }) });
    expect(node.sh("iptables-nft -t nat -S")).not.toContain("DNAT");
    expect(node.sh("nft list table inet podwire")).toContain("tcp . 8080");
  },
);

const unsupported = [
  { field: "conditionsV4", value: ["-s", "10.0.0.0/8"] },
  { field: "conditionsV6", value: ["ip6", "saddr", "fd00::/8"] },
  { field: "markMasqBit", value: 13 },
  { field: "externalSetMarkChain", value: "KUBE-MARK-MASQ" },
];

test.for(unsupported)("ADD() refuses with code 2 and changes nothing when it gets $field", async (row) => {
  await using node = await Node.create();
  const refusal = refusalOf(node, mapped([WEB], { ...MYNET, [row.field]: row.value }));
  expect(refusal).toMatchObject({ ...untouched, code: 2, msg: expect.stringContaining(row.field) });
});
