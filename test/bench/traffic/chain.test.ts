/** The C programs of the suite: plugins one after the other, and connections one after the other. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";

const directory = mkdtempSync(join(tmpdir(), "podwire-chain-test-"));
const CHAIN = join(directory, "chain");
const CONNECTIONS = join(directory, "connections");

beforeAll(() => {
  for (const path of [CHAIN, CONNECTIONS]) {
    const source = resolve(import.meta.dirname, `${path.split("/").at(-1)}.c`);
    execFileSync("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", path, source]);
  }
});

afterAll(() => rmSync(directory, { recursive: true }));

/** Runs shell scripts as plugins. */
function runChain(scripts: readonly string[], configurations: readonly object[]) {
  const plugins = scripts.map((script, i) => {
    const path = join(directory, `plugin${i}`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  });
  const input = configurations.map((conf) => `${JSON.stringify(conf)}\0`).join("");
  const { status, stdout } = spawnSync(CHAIN, plugins, { input, encoding: "utf8" });
  const [times = "", ...output] = stdout.split("\n");
  const [startedNs = 0, endedNs = 0] = times.split(" ").map(Number);
  return { status, output: output.join("\n"), startedS: startedNs / 1e9, endedS: endedNs / 1e9 };
}

test("chain gives a plugin the result of the one before as prevResult when that printed one", () => {
  const { output } = runChain(
    ["cat > /dev/null; echo '{\"ips\":[]}'", "cat"],
    [{}, { type: "b", list: [{}] }],
  );
  expect(JSON.parse(output)).toEqual({ type: "b", list: [{}], prevResult: { ips: [] } });
});

test("chain leaves a configuration alone when the plugin before printed nothing", () => {
  const { output } = runChain(["cat > /dev/null", "cat"], [{}, { prevResult: { ips: [1] } }]);
  expect(JSON.parse(output)).toEqual({ prevResult: { ips: [1] } });
});

test("chain ends with status and output of a plugin and starts no other when it fails", () => {
  const { status, output } = runChain(["cat > /dev/null; echo why; exit 3", "echo never"], [{}, {}]);
  expect({ status, output }).toEqual({ status: 3, output: "why\n" });
});

test("chain gives the time from the first plugin's start to the last one's end when there are several", () => {
  // In steps of 10 ms, rounded down.
  const uptime = "read uptime _ < /proc/uptime";
  const before = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  const first = `cat > /dev/null; ${uptime}; echo "{\\"at\\":$uptime}"; sleep 0.05`;
  const { output, startedS, endedS } = runChain(
    [first, `cat; sleep 0.05; ${uptime}; echo " $uptime"`],
    [{}, { type: "b" }],
  );
  const [configuration = "", last] = output.split(" ");
  expect(startedS).toBeGreaterThanOrEqual(before);
  expect(startedS - 0.01).toBeLessThanOrEqual(JSON.parse(configuration).prevResult.at);
  expect(endedS).toBeGreaterThanOrEqual(Number(last));
});

test("connections opens as many connections as it is told when a server listens", async () => {
  await using node = await Node.create();
  node.sh("ip netns add a; ip -n a link set lo up");
  const opened = node.sh(`mkfifo /run/said
    ${CONNECTIONS} serve /run/netns/a 80 > /run/said &
    read ready < /run/said
    ${CONNECTIONS} open /run/netns/a 127.0.0.1 80 300
    ip netns exec a cat /proc/net/snmp`);
  const [names, values] = opened.match(/^Tcp: .*$/gm)?.map((line) => line.split(" ")) ?? [];
  expect(values?.[names?.indexOf("PassiveOpens") ?? 0]).toBe("300");
});

test("connections fails when nobody listens", async () => {
  await using node = await Node.create();
  node.sh("ip netns add a; ip -n a link set lo up");
  const { exitCode, stderr } = node.run([CONNECTIONS, "open", "/run/netns/a", "127.0.0.1", "80", "1"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "connections: connect: Connection refused\n" });
});
