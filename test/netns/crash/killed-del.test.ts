/** DEL and GC killed at each of their system calls in turn: the next one finishes the work. */

import { expect, test } from "vitest";
import { forEachCall, traced } from "../../support/fault/strace.ts";
import { remains } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, DUAL_STACK, NETCONF } from "../../support/pod/attachment.ts";

const conf = { ...NETCONF, isDefaultGateway: true, ipam: DUAL_STACK };
const empty = { ...conf, "cni.dev/valid-attachments": [] };

const rows = [
  { verb: "DEL", input: conf, syscall: "sendto", least: 2 },
  { verb: "DEL", input: conf, syscall: "recvfrom", least: 2 },
  { verb: "DEL", input: conf, syscall: "unlink", least: 3 },
  { verb: "DEL", input: conf, syscall: "openat", least: 5 },
  { verb: "DEL", input: conf, syscall: "flock", least: 2 },
  { verb: "GC", input: empty, syscall: "sendto", least: 2 },
  { verb: "GC", input: empty, syscall: "unlink", least: 3 },
  { verb: "GC", input: empty, syscall: "openat", least: 5 },
];

test.for(rows)("DEL() leaves nothing when $verb was killed at any $syscall before", async (row) => {
  await using node = await Node.create();
  const failures: object[] = [];
  const count = forEachCall(row.syscall, "signal=KILL", (injection) => {
    attach(node, { conf });
    const killed = traced(node, { command: row.verb, conf: row.input }, injection);
    const again = call(node, "DEL", { conf });
    const left = remains(node);
    if (again.exitCode !== 0 || left.length > 0) failures.push({ ...injection, left, stdout: again.stdout });
    return killed;
  });
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(row.least);
});

const failing = [
  { syscall: "sendto", error: "ENOBUFS" },
  { syscall: "recvfrom", error: "ENOBUFS" },
  { syscall: "unlink", error: "EIO" },
  { syscall: "flock", error: "ENOLCK" },
];

test.for(failing)(
  "DEL() finishes when an earlier one had $syscall fail with $error at any call",
  async (row) => {
    await using node = await Node.create();
    const failures: object[] = [];
    const count = forEachCall(row.syscall, `error=${row.error}`, (injection) => {
      attach(node, { conf });
      const first = traced(node, { command: "DEL", conf }, injection);
      const isSilent = first.exitCode === 0 && remains(node).length > 0;
      const again = call(node, "DEL", { conf });
      const left = remains(node);
      if (isSilent || again.exitCode !== 0 || left.length > 0)
        failures.push({ ...injection, isSilent, left });
      return first;
    });
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(2);
  },
);
