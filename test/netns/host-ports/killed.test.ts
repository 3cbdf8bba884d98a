/** ADD and DEL of host ports killed at each of their system calls in turn: the next call finishes the work. */

import { expect, test } from "vitest";
import { forEachCall, traced } from "../../support/fault/strace.ts";
import { allRemains, BARE, CRASHING, forgetTraffic, SWEEPERS } from "../../support/fault/traffic-crash.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";

const calls = [
  { syscall: "sendto", least: 10 },
  { syscall: "recvfrom", least: 10 },
  { syscall: "linkat", least: 3 },
  { syscall: "openat", least: 20 },
  { syscall: "write", least: 8 },
  { syscall: "close", least: 10 },
];

const rows = SWEEPERS.flatMap((sweeper) => calls.map((row) => ({ ...sweeper, ...row })));

test.for(rows)(
  "$verb() leaves nothing when ADD was killed at any $syscall",
  async ({ syscall, least, sweep }) => {
    await using node = await Node.create();
    ensurePod(node);
    const failures: object[] = [];
    const count = forEachCall(syscall, "signal=KILL", (injection) => {
      forgetTraffic(node);
      const killed = traced(node, { command: "ADD", conf: CRASHING }, injection);
      const swept = sweep(node);
      const left = allRemains(node);
      if (swept.exitCode !== 0 || left.length > 0)
        failures.push({ ...injection, left, stdout: swept.stdout });
      return killed;
    });
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(least);
  },
);

test.for(["sendto", "write"])(
  "ADD() gets the ports when one of the same attachment was killed at any %s",
  async (syscall) => {
    await using node = await Node.create();
    ensurePod(node);
    const failures: object[] = [];
    forEachCall(syscall, "signal=KILL", (injection) => {
      const killed = traced(node, { command: "ADD", conf: CRASHING }, injection);
      call(node, "DEL", { conf: BARE });
      const again = call(node, "ADD", { conf: CRASHING });
      if (again.exitCode !== 0) failures.push({ ...injection, stdout: again.stdout });
      call(node, "DEL", { conf: BARE });
      return killed;
    });
    expect(failures).toEqual([]);
  },
);

const removals = [
  { verb: "DEL", input: BARE, syscall: "sendto", least: 3 },
  { verb: "DEL", input: BARE, syscall: "recvfrom", least: 3 },
  { verb: "DEL", input: BARE, syscall: "unlink", least: 3 },
  { verb: "GC", input: { ...BARE, "cni.dev/valid-attachments": [] }, syscall: "sendto", least: 3 },
  { verb: "GC", input: { ...BARE, "cni.dev/valid-attachments": [] }, syscall: "unlink", least: 3 },
];

test.for(removals)("DEL() leaves nothing when $verb was killed at any $syscall before", async (row) => {
  await using node = await Node.create();
  const failures: object[] = [];
  const count = forEachCall(row.syscall, "signal=KILL", (injection) => {
    attach(node, { conf: CRASHING });
    const killed = traced(node, { command: row.verb, conf: row.input }, injection);
    const again = call(node, "DEL", { conf: BARE });
    const left = allRemains(node);
    if (again.exitCode !== 0 || left.length > 0) failures.push({ ...injection, left, stdout: again.stdout });
    return killed;
  });
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(row.least);
});
