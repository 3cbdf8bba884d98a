/** Addresses by another plugin: how it is called, and what becomes of its answer. */

import { expect, test } from "vitest";
import { ANSWER, RecorderNode } from "../support/reference/recorder.ts";

const CONF = { cniVersion: "1.1.0", name: "mynet", type: "podwire", ipam: { type: "recorder", wish: "α β" } };
const NOTHING = { links: [], records: "" };

function addressOf(recorder: RecorderNode): string {
  return recorder.node.sh("ip -n pod1 -o -4 address show dev eth0");
}

test("ADD() hands a delegated plugin the runtime's environment", async () => {
  await using recorder = await RecorderNode.create();
  const args = "IgnoreUnknown=1;K8S_POD_NAME=web";
  recorder.call({ command: "ADD", conf: CONF, args });
  const [recorded] = recorder.calls();
  expect(recorded?.env).toMatchObject({
    CNI_COMMAND: "ADD",
    CNI_CONTAINERID: "c1",
    CNI_NETNS: "/run/netns/pod1",
    CNI_IFNAME: "eth0",
    CNI_ARGS: args,
    CNI_PATH: expect.stringContaining("/run/ipam/bin"),
  });
});

test("ADD() hands a delegated plugin the configuration byte for byte", async () => {
  await using recorder = await RecorderNode.create();
  const text = JSON.stringify(CONF, null, 3);
  recorder.call({ command: "ADD", conf: text });
  expect(recorder.calls().map(({ stdin }) => stdin)).toEqual([text]);
});

test("ADD() puts a delegated plugin's answer on the pod's interface", async () => {
  await using recorder = await RecorderNode.create();
  const { json } = recorder.call({ command: "ADD", conf: CONF });
  const { ips, routes, dns } = json;
  expect({ ips, routes, dns }).toEqual({
    ips: [{ interface: 2, address: "10.1.0.5/24", gateway: "10.1.0.1" }],
    routes: ANSWER.routes,
    dns: ANSWER.dns,
  });
  expect(addressOf(recorder)).toContain("inet 10.1.0.5/24");
  const [route] = recorder.node.json("ip -j -n pod1 route show default");
  expect(route).toMatchObject({ gateway: "10.1.0.1", dev: "eth0" });
});

test.for([
  ["0.1.0", { cniVersion: "0.1.0", ip4: { ip: "10.1.0.5/24", gateway: "10.1.0.1" }, dns: {} }],
  ["0.2.0", { cniVersion: "0.2.0", ip4: { ip: "10.1.0.5/24", gateway: "10.1.0.1" }, dns: {} }],
  ["0.3.1", { cniVersion: "0.3.1", ips: [{ version: "4", address: "10.1.0.5/24", gateway: "10.1.0.1" }] }],
  ["0.4.0", { cniVersion: "0.4.0", ips: [{ version: "4", address: "10.1.0.5/24", gateway: "10.1.0.1" }] }],
  ["no", { ips: [{ address: "10.1.0.5/24", gateway: "10.1.0.1" }] }],
] as const)("ADD() understands an answer in %s version", async ([, answer]) => {
  await using recorder = await RecorderNode.create();
  recorder.answer("ADD", answer);
  const { json } = recorder.call({ command: "ADD", conf: CONF });
  expect(json).toMatchObject({
    cniVersion: "1.1.0",
    ips: [{ interface: 2, address: "10.1.0.5/24", gateway: "10.1.0.1" }],
  });
});

test("ADD() overrides the interface index of a delegated plugin", async () => {
  await using recorder = await RecorderNode.create();
  recorder.answer("ADD", {
    ...ANSWER,
    interfaces: [{ name: "x" }],
    ips: [{ ...ANSWER.ips[0], interface: 0 }],
  });
  const { json } = recorder.call({ command: "ADD", conf: CONF });
  expect(json.ips).toEqual([{ interface: 2, address: "10.1.0.5/24", gateway: "10.1.0.1" }]);
});

test("ADD() copies a delegated plugin's standard error and keeps standard output clean", async () => {
  await using recorder = await RecorderNode.create();
  recorder.write("stderr", "a word to the log\n");
  const { exitCode, stderr, json } = recorder.call({ command: "ADD", conf: CONF });
  expect({ exitCode, stderr, version: json.cniVersion }).toEqual({
    exitCode: 0,
    stderr: "a word to the log\n",
    version: "1.1.0",
  });
});

test.for(["CHECK", "DEL", "GC", "STATUS"])("%s() is passed on to the delegated plugin", async (command) => {
  await using recorder = await RecorderNode.create();
  const prevResult = recorder.call({ command: "ADD", conf: CONF }).json;
  const conf = ["GC", "STATUS"].includes(command) ? CONF : { ...CONF, prevResult };
  expect(recorder.call({ command, conf })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  const passed = recorder.calls().slice(1);
  expect(passed.map((call) => [call.command, call.stdin])).toEqual([[command, JSON.stringify(conf)]]);
});

test.for(["CHECK", "STATUS"])("%s() gives the delegated plugin's error as its own", async (command) => {
  await using recorder = await RecorderNode.create();
  const prevResult = recorder.call({ command: "ADD", conf: CONF }).json;
  const error = { cniVersion: "1.1.0", code: 51, msg: "one server of two", details: "10.0.0.1 is silent" };
  recorder.answer(command, error, 1);
  const conf = command === "STATUS" ? CONF : { ...CONF, prevResult };
  expect(recorder.call({ command, conf })).toMatchObject({ exitCode: 1, json: error });
});

test("DEL() reaches the plugin that gave the addresses when the configuration names another one", async () => {
  await using recorder = await RecorderNode.create();
  recorder.call({ command: "ADD", conf: CONF });
  const conf = { ...CONF, ipam: { type: "host-local", subnet: "10.9.0.0/24" } };
  expect(recorder.call({ command: "DEL", conf }).exitCode).toBe(0);
  const [, passed] = recorder.calls();
  expect({ verb: passed?.command, conf: JSON.parse(passed?.stdin ?? "{}") }).toEqual({
    verb: "DEL",
    conf: CONF,
  });
  expect(recorder.leftovers()).toEqual(NOTHING);
});

test("DEL() reaches the plugin that gave the addresses when the configuration has none any more", async () => {
  await using recorder = await RecorderNode.create();
  recorder.call({ command: "ADD", conf: CONF });
  const { ipam: _, ...conf } = CONF;
  expect(recorder.call({ command: "DEL", conf }).exitCode).toBe(0);
  expect(recorder.verbs()).toEqual(["ADD", "DEL"]);
});

test("DEL() of an attachment without a record reaches the plugin of the configuration", async () => {
  await using recorder = await RecorderNode.create();
  expect(recorder.call({ command: "DEL", conf: CONF }).exitCode).toBe(0);
  expect(recorder.verbs()).toEqual(["DEL"]);
});

test("GC() gives back the addresses of attachments that the runtime does not list", async () => {
  await using recorder = await RecorderNode.create();
  recorder.call({ command: "ADD", conf: CONF });
  const collected = recorder.call({ command: "GC", conf: { ...CONF, "cni.dev/valid-attachments": [] } });
  expect(collected).toMatchObject({ exitCode: 0, stdout: "" });
  const passed = recorder.calls().slice(1);
  expect(passed.map(({ command, env }) => [command, env.CNI_CONTAINERID, env.CNI_IFNAME])).toEqual([
    ["DEL", "c1", "eth0"],
    ["GC", undefined, undefined],
  ]);
  expect(recorder.leftovers()).toEqual(NOTHING);
});
