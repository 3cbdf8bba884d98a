/** `podwire perf-tier`: the tables, what is built in, what is refused. */

import { expect, test } from "vitest";
import {
  CONFIG,
  configFiles,
  createNode,
  podwire,
  succeed,
  succeedJson,
  writeFile,
} from "../../support/node/commands.ts";

test("list shows the tiers that are built in when there is no file", async () => {
  await using node = await createNode();
  expect(succeed(node, "perf-tier list").split("\n")).toEqual([
    "NAME          STORAGE IOPS   NETWORK BANDWIDTH   MAX STORAGE IOPS   MAX NETWORK BANDWIDTH   LABELS",
    "best-effort   0              0                   -                  -                       <none>",
    "medium        5k             125M                -                  -                       <none>",
    "high          20k            500M                -                  -                       <none>",
  ]);
});

test("create prints the row of the tier and writes its file when all is right", async () => {
  await using node = await createNode();
  const line = "perf-tier create gold -i 10k -b 250M -I 20k -B 1G -l team=web,env=prod";
  expect(succeed(node, line).split("\n")[1]).toMatch(/^gold +10k +250M +20k +1G +team=web,env=prod$/);
  expect(node.json(`cat ${CONFIG}/perf-tiers/gold.json`)).toEqual({
    name: "gold",
    minIops: 10_000,
    maxIops: 20_000,
    minBandwidthMbps: 250,
    maxBandwidthMbps: 1_000,
    labels: { team: "web", env: "prod" },
  });
  expect(succeed(node, "perf-tier get gold")).toMatch(/^gold +10k /m);
});

test("list shows tiers with all the labels when some are asked for", async () => {
  await using node = await createNode();
  succeed(node, "perf-tier create a -i 0 -b 0 -l team=web -l env=prod");
  succeed(node, "perf-tier create b -i 0 -b 0 -l team=web");
  const names = (line: string) => succeedJson(node, line).map(({ name }: { name: string }) => name);
  expect(names("perf-tier list -l team=web")).toEqual(["a", "b"]);
  expect(names("perf-tier list -l team=web,env=prod")).toEqual(["a"]);
});

test("create changes a built-in tier until delete gives it its own figures back", async () => {
  await using node = await createNode();
  succeed(node, "perf-tier create high -i 50k -b 2G");
  expect(succeed(node, "perf-tier get high")).toMatch(/^high +50k +2G /m);
  succeed(node, "perf-tier delete high --yes");
  expect(succeed(node, "perf-tier get high")).toMatch(/^high +20k +500M /m);
});

test("create refuses a ninth tier when there are eight", async () => {
  await using node = await createNode();
  for (const name of ["a", "b", "c", "d", "e"]) succeed(node, `perf-tier create ${name} -i 0 -b 0`);
  const { exitCode, stderr } = podwire(node, "perf-tier create f -i 0 -b 0");
  expect([exitCode, stderr]).toEqual([
    1,
    "error: there are 8 tiers already, and no more than 8 can be\n  delete one first\n",
  ]);
  expect(succeed(node, "perf-tier create high -i 1 -b 1M")).toMatch(/^high /m);
});

test.for([
  ["create gold -b 5M", 2, "required option '-i, --iops <number>' not specified"],
  ["create gold -i 5k", 2, "required option '-b, --bandwidth <rate>' not specified"],
  ["create Gold -i 5k -b 5M", 2, '"Gold" is no name for a tier'],
  ["create gold -i many -b 5M", 2, "--iops many: want a number like 500, 5k or 1.5M"],
  ["create gold -i 0.0001k -b 5M", 2, "--iops 0.0001k: want a number"],
  ["create gold -i 5k -b 500k", 2, "--bandwidth 500k: want whole Mbit/s, like 125M or 1G"],
  ["create gold -i 5k -b 5X", 2, "--bandwidth 5X: want whole Mbit/s"],
  ["create gold -i 5k -b 5M -I 4k", 2, "--max-iops: want a whole number from 5000 to"],
  ["create gold -i 5k -b 5M -B 4M", 2, "--max-bandwidth: want a whole number from 5 to"],
  ["create gold -i 0 -b 0 -B 0", 2, "--max-bandwidth: want a whole number from 1 to"],
  ["create gold -i 5k -b 5M -l team", 2, "--labels team: want KEY=VALUE"],
  ["create gold -i 5k -b 5M -l team=-", 2, "labels.team: want nothing or 1 to 63 letters"],
  ["create taken -i 0 -b 0", 1, 'there is a tier "taken" already'],
  ["create best-effort -i 0 -b 5M", 1, 'tier "best-effort" is built in and cannot be changed'],
  ["delete best-effort -y", 1, 'tier "best-effort" is built in and cannot be deleted'],
  ["delete high -y", 1, 'tier "high" is built in and cannot be deleted'],
  ["delete gold -y", 1, 'there is no performance tier "gold"'],
  ["get gold", 1, "there are: best-effort, medium, high, taken"],
  ["delete taken", 2, "give --yes"],
] as const)("perf-tier %s is refused", async ([line, status, words]) => {
  await using node = await createNode();
  succeed(node, "perf-tier create taken -i 0 -b 0");
  const before = configFiles(node);
  const { exitCode, stderr } = podwire(node, `perf-tier ${line}`);
  expect(stderr).toContain(words);
  expect(exitCode).toBe(status);
  expect(configFiles(node)).toBe(before);
});

test("list names file, field and fault when a file is wrong, and delete takes it away", async () => {
  await using node = await createNode();
  writeFile(node, `${CONFIG}/perf-tiers/bad.json`, { minIops: 5, minBandwidthMbps: 0.5 });
  const { exitCode, stdout, stderr } = podwire(node, "perf-tier list");
  expect([exitCode, stdout.split("\n").length]).toEqual([1, 5]);
  expect(stderr).toContain(`${CONFIG}/perf-tiers/bad.json: minBandwidthMbps: want a whole number`);
  succeed(node, "perf-tier delete bad --yes");
  expect(configFiles(node)).toBe("");
});
