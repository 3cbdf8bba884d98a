/** ADD killed at each of its system calls in turn: DEL, or GC, leaves nothing behind. */

import { expect, test } from "vitest";
import { forgetNetwork } from "../../support/fault/fresh.ts";
import { forEachCall, traced } from "../../support/fault/strace.ts";
import { remains } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { call, DUAL_STACK, ensurePod, NETCONF } from "../../support/pod/attachment.ts";

const conf = { ...NETCONF, isDefaultGateway: true, ipam: DUAL_STACK };

const calls = [
  { syscall: "sendto", least: 8 },
  { syscall: "recvfrom", least: 8 },
  { syscall: "linkat", least: 3 },
  { syscall: "openat", least: 20 },
  { syscall: "write", least: 8 },
  { syscall: "setns", least: 4 },
  { syscall: "mkdir", least: 2 },
  { syscall: "close", least: 10 },
];

const sweepers = [
  { verb: "DEL", sweep: (node: Node) => call(node, "DEL", { conf }) },
  {
    verb: "GC",
    sweep: (node: Node) => call(node, "GC", { conf: { ...conf, "cni.dev/valid-attachments": [] } }),
  },
];

const rows = sweepers.flatMap((sweeper) => calls.map((row) => ({ ...sweeper, ...row })));

test.for(rows)(
  "$verb() leaves nothing when ADD was killed at any $syscall",
  async ({ syscall, least, sweep }) => {
    await using node = await Node.create();
    ensurePod(node);
    const failures: object[] = [];
    const count = forEachCall(syscall, "signal=KILL", (injection) => {
      forgetNetwork(node);
      const killed = traced(node, { command: "ADD", conf }, injection);
      const swept = sweep(node);
      const left = remains(node);
      if (swept.exitCode !== 0 || left.length > 0)
        failures.push({ ...injection, left, stdout: swept.stdout });
      return killed;
    });
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(least);
  },
);

const writing = ["sendto", "linkat", "write", "setns"];

test.for(writing)(
  "ADD() succeeds when an earlier one was killed at any %s and DEL followed",
  async (syscall) => {
    await using node = await Node.create();
    ensurePod(node);
    const failures: object[] = [];
    forEachCall(syscall, "signal=KILL", (injection) => {
      const killed = traced(node, { command: "ADD", conf }, injection);
      call(node, "DEL", { conf });
      const again = call(node, "ADD", { conf });
      if (again.exitCode !== 0) failures.push({ ...injection, stdout: again.stdout });
      call(node, "DEL", { conf });
      return killed;
    });
    expect(failures).toEqual([]);
  },
);
