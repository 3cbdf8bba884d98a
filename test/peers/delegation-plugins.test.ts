/** Addresses by the reference's own address plugins, run as any other plugin. */

import { expect, test } from "vitest";
import { RecorderNode } from "../support/reference/recorder.ts";
import { referencePlugin } from "../support/reference/reference.ts";

const BASE = { cniVersion: "1.1.0", name: "mynet", type: "podwire", isGateway: true };
const DIRECTORY = "/var/lib/cni/networks/mynet";

const STATIC = {
  ...BASE,
  ipam: {
    type: "static",
    addresses: [
      { address: "10.30.0.5/24", gateway: "10.30.0.1" },
      { address: "fd00:30::5/64", gateway: "fd00:30::1" },
    ],
    routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
    dns: { nameservers: ["10.30.0.53"] },
  },
};
const FOREIGN = { ...BASE, ipam: { type: "host-local", delegate: true, subnet: "10.1.0.0/24" } };

test("ADD() gives a pod the addresses, routes and dns of the plugin static", async () => {
  await using recorder = await RecorderNode.create();
  referencePlugin("newest", "static");
  const { exitCode, json } = recorder.call({ command: "ADD", conf: STATIC });
  expect({ exitCode, ips: json.ips, routes: json.routes, dns: json.dns }).toEqual({
    exitCode: 0,
    ips: STATIC.ipam.addresses.map((address) => ({ interface: 2, ...address })),
    routes: STATIC.ipam.routes,
    dns: STATIC.ipam.dns,
  });
  for (const gateway of ["10.30.0.1", "fd00:30::1"]) {
    expect(recorder.node.sh(`ip netns exec pod1 ping -c 1 -W 2 ${gateway}`)).toContain("1 received");
  }
});

test("ADD() hands CNI_ARGS on to the plugin static", async () => {
  await using recorder = await RecorderNode.create();
  const conf = { ...BASE, ipam: { type: "static" } };
  const args = "IgnoreUnknown=1;IP=10.30.0.9/24;GATEWAY=10.30.0.1";
  const { json } = recorder.call({ command: "ADD", conf, args });
  expect(json.ips).toEqual([{ interface: 2, address: "10.30.0.9/24", gateway: "10.30.0.1" }]);
});

test.for([
  ["static", STATIC],
  ["host-local", FOREIGN],
] as const)("CHECK() and DEL() follow an ADD by the plugin %s", async ([, conf]) => {
  await using recorder = await RecorderNode.create();
  const prevResult = recorder.call({ command: "ADD", conf }).json;
  for (const command of ["CHECK", "DEL"]) {
    expect(recorder.call({ command, conf: { ...conf, prevResult } })).toMatchObject({
      exitCode: 0,
      stdout: "",
    });
  }
  expect(recorder.leftovers()).toEqual({ links: [], records: "" });
  expect(recorder.node.sh(`ls ${DIRECTORY} 2>/dev/null | grep '^10' || true`)).toBe("");
});

test("CHECK() fails where the plugin host-local has lost the reservation", async () => {
  await using recorder = await RecorderNode.create();
  const prevResult = recorder.call({ command: "ADD", conf: FOREIGN }).json;
  recorder.node.sh(`rm ${DIRECTORY}/10.1.0.2`);
  const { exitCode, json } = recorder.call({ command: "CHECK", conf: { ...FOREIGN, prevResult } });
  expect({ exitCode, msg: json.msg }).toEqual({
    exitCode: 1,
    msg: expect.stringContaining("Failed to find address"),
  });
});

test("ADD() runs host-local as a plugin where the configuration delegates to it", async () => {
  await using recorder = await RecorderNode.create("host-local");
  const { json } = recorder.call({ command: "ADD", conf: FOREIGN });
  expect({ verbs: recorder.verbs(), address: json.ips[0].address }).toEqual({
    verbs: ["ADD"],
    address: "10.1.0.5/24",
  });
});

test("ADD() answers host-local itself where the configuration does not delegate to it", async () => {
  await using recorder = await RecorderNode.create("host-local");
  const conf = { ...BASE, ipam: { type: "host-local", subnet: "10.1.0.0/24" } };
  const { json } = recorder.call({ command: "ADD", conf });
  expect({ verbs: recorder.verbs(), address: json.ips[0].address }).toEqual({
    verbs: [],
    address: "10.1.0.2/24",
  });
});

test("DEL() of addresses that podwire gave itself stays with podwire where the configuration delegates now", async () => {
  await using recorder = await RecorderNode.create("host-local");
  const own = { ...BASE, ipam: { type: "host-local", subnet: "10.1.0.0/24" } };
  recorder.call({ command: "ADD", conf: own });
  expect(recorder.call({ command: "DEL", conf: FOREIGN }).exitCode).toBe(0);
  expect({
    verbs: recorder.verbs(),
    files: recorder.node.sh(`ls ${DIRECTORY} | grep '^10' || true`),
  }).toEqual({
    verbs: [],
    files: "",
  });
});
