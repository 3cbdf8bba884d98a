/** Guards, shaping and settings together: ADD with one system call failing, or killed at it, leaves nothing. */

import { expect, test } from "vitest";
import { forEachCall, type Injection, type Traced, traced } from "../../support/fault/strace.ts";
import { acceptingRulesOf, dropForwarded } from "../../support/kernel/forward-chains.ts";
import { remains } from "../../support/kernel/kernel.ts";
import { ifbsOf } from "../../support/kernel/queues.ts";
import { ownersOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { call, ensurePod, NETCONF } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

const conf = {
  ...NETCONF,
  ...MYNET,
  ipMasq: true,
  macspoofchk: true,
  ingressPolicy: "isolated",
  forward: true,
  promisc: true,
  txQLen: 77,
  sysctl: { "net.core.somaxconn": "517", "net.ipv4.conf.IFNAME.rp_filter": "2" },
  runtimeConfig: {
    bandwidth: { ingressRate: 20_000_000, egressRate: 10_000_000 },
    portMappings: [{ hostPort: 8080, containerPort: 80 }],
  },
};

/** What is left of attachments anywhere. */
const leftOf = (node: Node) => [
  ...remains(node),
  ...ifbsOf(node),
  ...ownersOf(node),
  ...acceptingRulesOf(node),
];

/** A node on which forwarding is closed, with the pod. */
async function closedNode(): Promise<Node> {
  const node = await Node.create();
  dropForwarded(node);
  ensurePod(node);
  return node;
}

const faults = [
  { syscall: "sendto", error: "ENOBUFS", least: 16 },
  { syscall: "recvfrom", error: "ENOBUFS", least: 16 },
  { syscall: "socket", error: "EMFILE", least: 3 },
  { syscall: "setns", error: "EPERM", least: 4 },
  { syscall: "write", error: "EIO", least: 8 },
  { syscall: "openat", error: "EMFILE", least: 20 },
  { syscall: "flock", error: "ENOLCK", least: 2 },
];

test.for(faults)("ADD() of everything leaves nothing when $syscall fails with $error", async (row) => {
  await using node = await closedNode();
  const failures: object[] = [];
  const count = forEachCall(row.syscall, `error=${row.error}`, (injection) => {
    const done = traced(node, { command: "ADD", conf }, injection);
    if (done.exitCode === 0) call(node, "DEL", { conf: MYNET });
    const left = leftOf(node);
    if (left.length > 0) failures.push({ ...injection, left, stdout: done.stdout });
    if (left.length > 0) call(node, "DEL", { conf: MYNET });
    return done;
  });
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(row.least);
});

/** Runs `prepare` with each injection in turn, then DEL; gives the injections after which something was left. */
function leavings(node: Node, syscall: string, prepare: (injection: Injection) => Traced) {
  const failures: object[] = [];
  const count = forEachCall(syscall, "signal=KILL", (injection) => {
    const killed = prepare(injection);
    const { exitCode, stdout } = call(node, "DEL", { conf: MYNET });
    const left = leftOf(node);
    if (exitCode !== 0 || left.length > 0) failures.push({ ...injection, left, stdout });
    return killed;
  });
  return { failures, count };
}

const kills = ["sendto", "recvfrom", "openat", "write"];

test.for(kills)("DEL() leaves nothing when ADD of everything was killed at any %s", async (syscall) => {
  await using node = await closedNode();
  const { failures, count } = leavings(node, syscall, (injection) =>
    traced(node, { command: "ADD", conf }, injection),
  );
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(8);
});

test.for(["sendto", "recvfrom", "unlink"])(
  "DEL() leaves nothing when an earlier one of everything was killed at any %s",
  async (syscall) => {
    await using node = await closedNode();
    const { failures, count } = leavings(node, syscall, (injection) => {
      call(node, "ADD", { conf });
      return traced(node, { command: "DEL", conf: { ...NETCONF, ...MYNET } }, injection);
    });
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(2);
  },
);
