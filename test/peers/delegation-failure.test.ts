/** Addresses by another plugin that fails, answers nonsense or is not there: nothing is left, and everybody is told. */

import { expect, test } from "vitest";
import { PODWIRE } from "../support/node/node.ts";
import { ANSWER, RecorderNode } from "../support/reference/recorder.ts";

const CONF = { cniVersion: "1.1.0", name: "mynet", type: "podwire", ipam: { type: "recorder" } };
const NOTHING = { links: [], records: "" };
const OUR_DELEGATE_CODE = 104;

test("ADD() gives a delegated plugin's error as its own", async () => {
  await using recorder = await RecorderNode.create();
  const error = { cniVersion: "1.1.0", code: 142, msg: "no lease", details: "the server is silent" };
  recorder.answer("ADD", error, 1);
  const failed = recorder.call({ command: "ADD", conf: CONF });
  expect({ exitCode: failed.exitCode, json: failed.json }).toEqual({ exitCode: 1, json: error });
});

test("ADD() gives a delegated plugin's error without details as its own", async () => {
  await using recorder = await RecorderNode.create();
  recorder.answer("ADD", { code: 11, msg: "pool is empty" }, 1);
  const failed = recorder.call({ command: "ADD", conf: CONF });
  expect(failed.json).toEqual({ cniVersion: "1.1.0", code: 11, msg: "pool is empty" });
});

test.for([3, 0, -1, 1.5, 1e300, "7", null])(
  "ADD() keeps a delegated plugin's words and gives a code of its own when that says %j",
  async (code) => {
    await using recorder = await RecorderNode.create();
    recorder.answer("ADD", { code, msg: "no lease", details: "the server is silent" }, 1);
    const failed = recorder.call({ command: "ADD", conf: CONF });
    expect(failed.json).toMatchObject({
      code: OUR_DELEGATE_CODE,
      msg: "no lease",
      details: "the server is silent",
    });
  },
);

test("ADD() does not wait for what a delegated plugin leaves behind", async () => {
  await using recorder = await RecorderNode.create();
  recorder.node.sh("sed -i '2i sleep 60 2>/dev/null &' /run/ipam/bin/recorder");
  const added = recorder.call({ command: "ADD", conf: CONF });
  expect(added).toMatchObject({ exitCode: 0, json: { ips: ANSWER.ips } });
  expect(recorder.node.sh("pgrep -f '^sleep 60$'")).not.toBe("");
});

/** A link of each sort to the executable, in CNI_PATH. */
const ITSELF = [
  ["its own name", `ln -s ${PODWIRE} /run/ipam/bin/podwire`, "podwire"],
  ["a symbolic link", `ln -s ${PODWIRE} /run/ipam/bin/addresses`, "addresses"],
  [
    "a bind mount",
    `touch /run/ipam/bin/addresses; mount --bind ${PODWIRE} /run/ipam/bin/addresses`,
    "addresses",
  ],
] as const;

test.for(ITSELF)("no verb calls podwire again when ipam.type is %s", async ([, script, type]) => {
  await using recorder = await RecorderNode.create();
  recorder.node.sh(script);
  const conf = { ...CONF, ipam: { type }, prevResult: { cniVersion: "1.1.0", ips: [] } };
  const error = { code: 7, msg: expect.stringContaining(`ipam.type: "${type}"`) };
  for (const command of ["ADD", "CHECK", "STATUS", "GC"]) {
    expect(recorder.call({ command, conf }).json, command).toMatchObject(error);
    expect(recorder.leftovers()).toEqual(NOTHING);
  }
  expect(recorder.call({ command: "DEL", conf })).toMatchObject({ exitCode: 0 });
});

test("DEL() removes an attachment whose recorded address plugin has become podwire itself", async () => {
  await using recorder = await RecorderNode.create();
  expect(recorder.call({ command: "ADD", conf: CONF })).toMatchObject({ exitCode: 0 });
  recorder.node.sh(`ln -sf ${PODWIRE} /run/ipam/bin/recorder`);
  expect(recorder.call({ command: "DEL", conf: CONF })).toMatchObject({ exitCode: 0 });
  expect(recorder.leftovers()).toEqual(NOTHING);
});

interface Trouble {
  readonly name: string;
  readonly make: (recorder: RecorderNode) => void;
}

const TROUBLES: readonly Trouble[] = [
  { name: "fails", make: (recorder) => recorder.answer("ADD", { code: 142, msg: "no lease" }, 1) },
  { name: "fails without a word", make: (recorder) => recorder.answer("ADD", "", 3) },
  { name: "fails with words that are no JSON", make: (recorder) => recorder.answer("ADD", "oops", 1) },
  { name: "gives no address", make: (recorder) => recorder.answer("ADD", { cniVersion: "1.0.0" }) },
  { name: "gives nothing", make: (recorder) => recorder.answer("ADD", "") },
  { name: "gives words that are no JSON", make: (recorder) => recorder.answer("ADD", "10.1.0.5/24") },
  {
    name: "gives an address that is none",
    make: (recorder) => recorder.answer("ADD", { cniVersion: "1.0.0", ips: [{ address: "10.1.0.5" }] }),
  },
  {
    name: "answers in a version of the future",
    make: (recorder) => recorder.answer("ADD", { ...ANSWER, cniVersion: "9.0.0" }),
  },
  {
    name: "is killed",
    make: (recorder) =>
      recorder.node.sh("rm /run/ipam/exit.ADD && : > /run/ipam/answer.ADD && : > /run/ipam/kill.ADD"),
  },
];
const NAMED = TROUBLES.map((trouble) => [trouble.name, trouble] as const);

test.for(NAMED)("ADD() fails and leaves nothing where a delegated plugin %s", async ([, { make }]) => {
  await using recorder = await RecorderNode.create();
  make(recorder);
  const { exitCode, json } = recorder.call({ command: "ADD", conf: CONF });
  expect({ exitCode, hasCode: Number.isInteger(json.code) }).toEqual({ exitCode: 1, hasCode: true });
  expect(recorder.leftovers()).toEqual(NOTHING);
});

test.for(NAMED)("ADD() calls DEL of a delegated plugin that %s", async ([, { make }]) => {
  await using recorder = await RecorderNode.create();
  make(recorder);
  recorder.call({ command: "ADD", conf: CONF });
  expect(recorder.calls().map(({ command, env }) => [command, env.CNI_CONTAINERID])).toEqual([
    ["ADD", "c1"],
    ["DEL", "c1"],
  ]);
});

test.for(TROUBLES.filter(({ name }) => name !== "fails").map((trouble) => [trouble.name, trouble] as const))(
  "ADD() has a code of its own where a delegated plugin %s",
  async ([, { make }]) => {
    await using recorder = await RecorderNode.create();
    make(recorder);
    const { json } = recorder.call({ command: "ADD", conf: CONF });
    expect(json).toMatchObject({ code: OUR_DELEGATE_CODE, msg: expect.stringContaining("recorder") });
  },
);

test("ADD() calls DEL of a delegated plugin where a later step fails", async () => {
  await using recorder = await RecorderNode.create();
  recorder.node.sh("ip link add cni0 type bridge && ip address add 10.9.0.1/24 dev cni0");
  const { exitCode } = recorder.call({ command: "ADD", conf: { ...CONF, isGateway: true } });
  expect({ exitCode, verbs: recorder.verbs() }).toEqual({ exitCode: 1, verbs: ["ADD", "DEL"] });
  expect(recorder.leftovers()).toEqual(NOTHING);
});

test("ADD() names plugin and directories where a delegated plugin is missing", async () => {
  await using recorder = await RecorderNode.create();
  const conf = { ...CONF, ipam: { type: "absent-ipam" } };
  const { exitCode, json } = recorder.call({ command: "ADD", conf });
  expect({ exitCode, code: json.code }).toEqual({ exitCode: 1, code: OUR_DELEGATE_CODE });
  for (const part of ["absent-ipam", "/run/ipam/bin"]) expect(json.msg).toContain(part);
  expect(recorder.leftovers()).toEqual(NOTHING);
});

test.for(["../recorder", "/run/ipam/bin/recorder", "bin/recorder"])(
  "ADD() refuses %s as the name of a plugin with code 7",
  async (type) => {
    await using recorder = await RecorderNode.create();
    const { json } = recorder.call({ command: "ADD", conf: { ...CONF, ipam: { type } } });
    expect({ code: json.code, verbs: recorder.verbs() }).toEqual({ code: 7, verbs: [] });
  },
);

test("DEL() removes the interface and tells of it where a delegated plugin fails", async () => {
  await using recorder = await RecorderNode.create();
  recorder.call({ command: "ADD", conf: CONF });
  recorder.answer("DEL", { code: 142, msg: "the server is silent" }, 1);
  const { exitCode, json } = recorder.call({ command: "DEL", conf: CONF });
  expect({ exitCode, msg: json.msg }).toEqual({
    exitCode: 1,
    msg: expect.stringContaining("the server is silent"),
  });
  expect(recorder.leftovers().links).toEqual([]);
});

test("DEL() calls a delegated plugin again that failed before", async () => {
  await using recorder = await RecorderNode.create();
  recorder.call({ command: "ADD", conf: CONF });
  recorder.answer("DEL", { code: 142, msg: "the server is silent" }, 1);
  recorder.call({ command: "DEL", conf: CONF });
  recorder.answer("DEL", "");
  expect(recorder.call({ command: "DEL", conf: CONF })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(recorder.verbs()).toEqual(["ADD", "DEL", "DEL"]);
  expect(recorder.leftovers()).toEqual(NOTHING);
});
