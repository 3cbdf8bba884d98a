/** ADD on networks by name with one system call failing, or killed at it, each in turn: nothing is left, or DEL and GC clean up. */

import { expect, test } from "vitest";
import { forEachCall, type Injection, traced } from "../../support/fault/strace.ts";
import { endpoints } from "../../support/fixtures/annotations.ts";
import { NETCONF } from "../../support/pod/attachment.ts";
import { CONFIG_DIR, Segment, segmentRemains } from "../../support/pod/segment.ts";

/** One interface by bridge with a guaranteed rate, one by macvlan. */
const WISHES = [{ network: "dual", perfTier: "medium" }, { network: "side" }];
const BARE = { ...NETCONF, isDefaultGateway: true, configDir: CONFIG_DIR };
const CONF = { ...BARE, ...endpoints(...WISHES) };

/** A segment with pod c1, its uplink never used. */
async function fresh(): Promise<Segment> {
  const segment = await Segment.create();
  segment.node.addPod("c1");
  return segment;
}

/** As if there never had been an ADD. */
function forget({ node }: Segment): void {
  node.sh(`ip link del pw-eth1 2>/dev/null || true; tc qdisc del dev eth1 root 2>/dev/null || true
    rm -rf /var/lib/cni/podwire /run/podwire`);
}

function add({ node }: Segment, injection: Injection) {
  return traced(node, { command: "ADD", conf: CONF }, injection);
}

const faults = [
  { syscall: "sendto", error: "ENOBUFS", least: 15 },
  { syscall: "recvfrom", error: "ENOBUFS", least: 15 },
  { syscall: "setns", error: "EPERM", least: 4 },
  { syscall: "socket", error: "EMFILE", least: 2 },
  { syscall: "bind", error: "ENOMEM", least: 2 },
  { syscall: "linkat", error: "ENOSPC", least: 5 },
  { syscall: "mkdir", error: "EACCES", least: 4 },
  { syscall: "flock", error: "ENOLCK", least: 4 },
  { syscall: "openat", error: "EMFILE", least: 30 },
  { syscall: "write", error: "ENOSPC", least: 8 },
  { syscall: "getdents64", error: "EIO", least: 1 },
];

test.for(faults)(
  "ADD() leaves nothing when $syscall fails with $error at any call",
  async ({ syscall, error, least }) => {
    await using segment = await fresh();
    const failures: object[] = [];
    const count = forEachCall(syscall, `error=${error}`, (injection) => {
      forget(segment);
      const done = add(segment, injection);
      if (done.exitCode === 0) segment.call("DEL");
      const left = segmentRemains(segment);
      if (left.length > 0) failures.push({ ...injection, left, stdout: done.stdout });
      if (left.length > 0) segment.call("DEL");
      return done;
    });
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(least);
  },
);

const kills = [
  { syscall: "sendto", least: 15 },
  { syscall: "recvfrom", least: 15 },
  { syscall: "linkat", least: 5 },
  { syscall: "openat", least: 30 },
  { syscall: "write", least: 8 },
  { syscall: "setns", least: 4 },
  { syscall: "mkdir", least: 4 },
  { syscall: "close", least: 20 },
];

/** As runtimes clean up: DEL without annotations where the pod's are forgotten, GC without the pod. */
const sweepers = [
  { verb: "DEL", sweep: (segment: Segment) => segment.call("DEL") },
  {
    verb: "GC",
    sweep: (segment: Segment) => segment.call("GC", { conf: { "cni.dev/valid-attachments": [] } }),
  },
];

const rows = sweepers.flatMap((sweeper) => kills.map((row) => ({ ...sweeper, ...row })));

test.for(rows)("$verb() leaves nothing when ADD was killed at any $syscall", async (row) => {
  const { syscall, least, sweep } = row;
  await using segment = await fresh();
  const failures: object[] = [];
  const count = forEachCall(syscall, "signal=KILL", (injection) => {
    forget(segment);
    const killed = add(segment, injection);
    const swept = sweep(segment);
    const left = segmentRemains(segment);
    if (swept.exitCode !== 0 || left.length > 0) failures.push({ ...injection, left, stdout: swept.stdout });
    return killed;
  });
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(least);
});

test("DEL() leaves nothing when the namespace ended after ADD was killed at any message", async () => {
  await using segment = await fresh();
  const failures: object[] = [];
  forEachCall("sendto", "signal=KILL", (injection) => {
    forget(segment);
    const killed = add(segment, injection);
    segment.node.sh("ip netns del c1; ip netns add c2");
    const swept = segment.call("DEL", { netns: "" });
    const left = segmentRemains(segment);
    if (swept.exitCode !== 0 || left.length > 0) failures.push({ ...injection, left, stdout: swept.stdout });
    segment.node.sh("ip netns del c2; ip netns add c1");
    return killed;
  });
  expect(failures).toEqual([]);
});

test("ADD() succeeds when an earlier one was killed at any message and DEL followed", async () => {
  await using segment = await fresh();
  const failures: object[] = [];
  forEachCall("sendto", "signal=KILL", (injection) => {
    const killed = add(segment, injection);
    segment.call("DEL");
    const again = segment.call("ADD", { wishes: WISHES });
    if (again.exitCode !== 0) failures.push({ ...injection, stdout: again.stdout });
    segment.call("DEL");
    return killed;
  });
  expect(failures).toEqual([]);
});

const removals = ["sendto", "recvfrom", "unlink", "openat", "flock"];

test.for(removals)("DEL() finishes when an earlier one was killed at any %s", async (syscall) => {
  await using segment = await fresh();
  const failures: object[] = [];
  const count = forEachCall(syscall, "signal=KILL", (injection) => {
    segment.attach({ wishes: WISHES });
    const killed = traced(segment.node, { command: "DEL", conf: BARE }, injection);
    const again = segment.call("DEL");
    const left = segmentRemains(segment);
    if (again.exitCode !== 0 || left.length > 0) failures.push({ ...injection, left, stdout: again.stdout });
    return killed;
  });
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(2);
});
