/** The executable in surroundings that are meant to mislead it: directories with settings, environments with switches. */

import { expect, test } from "vitest";
import { Node, PODWIRE } from "../support/node/node.ts";

const VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];
const ANSWER = { cniVersion: "1.1.0", supportedVersions: VERSIONS };

/** As libcni asks: other variables hold a word that means nothing. */
const PROBE = { CNI_COMMAND: "VERSION", CNI_NETNS: "dummy", CNI_IFNAME: "dummy", CNI_PATH: "dummy" };
const INPUT = '{"cniVersion":"1.1.0"}';

const DIRECTORY = "/run/hostile";
const INTRUDER = `require("node:fs").writeFileSync("${DIRECTORY}/ran", "");`;

/** A directory with every file that the runtime inside the executable would read of a project. */
function makeHostileDirectory(node: Node): void {
  const files = {
    ".env": "PODWIRE_NETLINK_DEBUG=1\nCNI_COMMAND=STATUS\n",
    "bunfig.toml": `preload = ["${DIRECTORY}/intruder.js"]\n`,
    "intruder.js": INTRUDER,
    "package.json": '{"type":"commonjs","main":"./intruder.js","imports":{"#a":"./intruder.js"}}',
    "tsconfig.json": '{"compilerOptions":{"paths":{"*":["./intruder.js"]}},"extends":"./nothing.json"}',
  };
  node.sh(`mkdir -p ${DIRECTORY}`);
  for (const [name, text] of Object.entries(files)) {
    node.run(["sh", "-c", `cat > ${DIRECTORY}/${name}`], { input: text });
  }
}

function runThere(node: Node, env: Readonly<Record<string, string>>, input = INPUT) {
  return node.run(["sh", "-c", `cd ${DIRECTORY} && exec timeout 5 ${PODWIRE}`], {
    env: { HOME: DIRECTORY, ...env },
    input,
  });
}

test("VERSION() answers libcni's probe with one document and nothing else", async () => {
  await using node = await Node.create();
  const answered = node.run([PODWIRE], { env: PROBE, input: INPUT });
  expect(answered).toEqual({ exitCode: 0, stdout: `${JSON.stringify(ANSWER)}\n`, stderr: "" });
});

test("VERSION() answers in the version of the question", async () => {
  await using node = await Node.create();
  const answered = node.run([PODWIRE], { env: PROBE, input: '{"cniVersion":"0.4.0"}' });
  expect(JSON.parse(answered.stdout)).toEqual({ ...ANSWER, cniVersion: "0.4.0" });
});

test("VERSION() needs no configuration", async () => {
  await using node = await Node.create();
  const answered = node.run([PODWIRE], { env: PROBE, input: "" });
  expect(JSON.parse(answered.stdout)).toEqual(ANSWER);
});

test("podwire gives help on standard error alone when CNI_COMMAND is unset and stdin is a pipe", async () => {
  await using node = await Node.create();
  const { exitCode, stdout, stderr } = node.run([PODWIRE], { input: "" });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  expect(stderr).toContain(`CNI protocol versions supported: ${VERSIONS.join(", ")}`);
});

test("VERSION() reads nothing of the directory that it is run in", async () => {
  await using node = await Node.create();
  makeHostileDirectory(node);
  expect(runThere(node, PROBE)).toEqual({
    exitCode: 0,
    stdout: `${JSON.stringify(ANSWER)}\n`,
    stderr: "",
  });
  expect(node.sh(`ls ${DIRECTORY}`)).not.toContain("ran");
});

test("ADD() reads nothing of the directory that it is run in", async () => {
  await using node = await Node.create();
  makeHostileDirectory(node);
  const netns = node.addPod("pod");
  const ipam = { type: "host-local", subnet: "10.1.0.0/16" };
  const conf = { cniVersion: "1.1.0", name: "mynet", type: "podwire", ipam };
  const env = { CNI_COMMAND: "ADD", CNI_CONTAINERID: "c1", CNI_NETNS: netns, CNI_IFNAME: "eth0" };
  const { exitCode, stderr } = runThere(node, env, JSON.stringify(conf));
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(node.sh(`ls ${DIRECTORY}`)).not.toContain("ran");
});

test.for([
  { name: "BUN_BE_BUN", env: { BUN_BE_BUN: "1" } },
  { name: "BUN_OPTIONS with a preload", env: { BUN_OPTIONS: `--preload ${DIRECTORY}/intruder.js` } },
  { name: "BUN_OPTIONS that print", env: { BUN_OPTIONS: "--print 1" } },
  { name: "BUN_INSPECT", env: { BUN_INSPECT: `ws+unix://${DIRECTORY}/inspect?break=1` } },
  { name: "BUN_INSPECT_PRELOAD", env: { BUN_INSPECT_PRELOAD: `${DIRECTORY}/intruder.js` } },
  { name: "NODE_OPTIONS", env: { NODE_OPTIONS: `--require ${DIRECTORY}/intruder.js` } },
  { name: "BUN_CONFIG_FILE", env: { NODE_ENV: "development", BUN_CONFIG_FILE: `${DIRECTORY}/bunfig.toml` } },
])("VERSION() is not moved by $name in the environment", async ({ env }) => {
  await using node = await Node.create();
  makeHostileDirectory(node);
  expect(runThere(node, { ...PROBE, ...env })).toEqual({
    exitCode: 0,
    stdout: `${JSON.stringify(ANSWER)}\n`,
    stderr: "",
  });
  expect(node.sh(`ls ${DIRECTORY}`)).not.toContain("ran");
});
