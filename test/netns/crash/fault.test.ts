/** ADD with one system call failing, each in turn: a pod with a network, or an error and nothing left. */

import { expect, test } from "vitest";
import { forgetNetwork } from "../../support/fault/fresh.ts";
import { forEachCall, type Injection, traced } from "../../support/fault/strace.ts";
import { remains } from "../../support/kernel/kernel.ts";
import { Node, PODWIRE } from "../../support/node/node.ts";
import { call, DUAL_STACK, ensurePod, NETCONF } from "../../support/pod/attachment.ts";

const conf = { ...NETCONF, isDefaultGateway: true, ipam: DUAL_STACK };

const faults = [
  { syscall: "sendto", error: "ENOBUFS", least: 8 },
  { syscall: "recvfrom", error: "ENOBUFS", least: 8 },
  { syscall: "setns", error: "EPERM", least: 4 },
  { syscall: "socket", error: "EMFILE", least: 2 },
  { syscall: "bind", error: "ENOMEM", least: 2 },
  { syscall: "linkat", error: "ENOSPC", least: 3 },
  { syscall: "linkat", error: "EEXIST", least: 3 },
  { syscall: "mkdir", error: "EACCES", least: 2 },
  { syscall: "flock", error: "ENOLCK", least: 2 },
  { syscall: "openat", error: "EMFILE", least: 20 },
  { syscall: "write", error: "ENOSPC", least: 8 },
  { syscall: "getdents64", error: "EIO", least: 1 },
];

/** ADD with a fault; what it leaves where it failed, or where DEL followed it. */
function leavings(node: Node, injection: Injection) {
  forgetNetwork(node);
  const done = traced(node, { command: "ADD", conf }, injection);
  if (done.exitCode === 0) call(node, "DEL", { conf });
  return { done, left: remains(node) };
}

test.for(faults)("ADD() leaves nothing when $syscall fails with $error at any call", async (row) => {
  await using node = await Node.create();
  ensurePod(node);
  const failures: object[] = [];
  const calls = forEachCall(row.syscall, `error=${row.error}`, (injection) => {
    const { done, left } = leavings(node, injection);
    if (left.length > 0) failures.push({ ...injection, left, stdout: done.stdout });
    if (left.length > 0) call(node, "DEL", { conf });
    return done;
  });
  expect(failures).toEqual([]);
  expect(calls).toBeGreaterThanOrEqual(row.least);
});

const reported = ["sendto", "recvfrom", "setns", "linkat"];

test.for(reported)("ADD() prints one error document when %s fails at any call", async (syscall) => {
  await using node = await Node.create();
  ensurePod(node);
  const failures: object[] = [];
  forEachCall(syscall, "error=EIO", (injection) => {
    const { done } = leavings(node, injection);
    const isDocument = done.exitCode === 1 && typeof JSON.parse(done.stdout).msg === "string";
    if (done.exitCode !== 0 && !isDocument) failures.push({ ...injection, ...done });
    return done;
  });
  expect(failures).toEqual([]);
});

test("ADD() keeps its record when the kernel refuses its roll-back too, and DEL removes the rest", async () => {
  await using node = await Node.create();
  ensurePod(node);
  call(node, "ADD", { conf });
  call(node, "DEL", { conf });
  const counted = forEachCall("sendto", "error=ENOBUFS", (injection) => {
    const done = traced(node, { command: "ADD", conf }, injection);
    call(node, "DEL", { conf });
    return done;
  });
  for (let nth = 1; nth <= counted; nth++) {
    traced(node, { command: "ADD", conf }, { syscall: "sendto", nth: `${nth}+`, effect: "error=ENOBUFS" });
    call(node, "DEL", { conf });
    expect(remains(node)).toEqual([]);
  }
});

test("ADD() takes the attachment back when its result cannot be written", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const env = "CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/c1 CNI_IFNAME=eth0";
  const done = node.run(["sh", "-c", `env ${env} "$0" > /dev/full`, PODWIRE], {
    input: JSON.stringify(conf),
  });
  expect(done.exitCode).toBe(1);
  expect(done.stderr).toContain("ENOSPC");
  expect(remains(node)).toEqual([]);
});
