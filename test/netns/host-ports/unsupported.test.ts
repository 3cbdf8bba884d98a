/** A kernel without netfilter's netlink: what needs none of it works, what needs it says so and leaves nothing. */

import { expect, test } from "vitest";
import { traced } from "../../support/fault/strace.ts";
import { CRASHING } from "../../support/fault/traffic-crash.ts";
import { remains } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod, NETCONF } from "../../support/pod/attachment.ts";

/** The first socket is rtnetlink's; what a kernel answers that lacks CONFIG_NETFILTER_NETLINK. */
const LACKING = { syscall: "socket", nth: "2+", effect: "error=EPROTONOSUPPORT" } as const;

const removals = [
  { verb: "DEL", conf: NETCONF },
  { verb: "GC", conf: { ...NETCONF, "cni.dev/valid-attachments": [] } },
];

test.for(removals)(
  "$verb() removes everything when the kernel has no netfilter netlink",
  async ({ verb, conf }) => {
    await using node = await Node.create();
    attach(node);
    const done = traced(node, { command: verb, conf }, LACKING);
    expect(done).toMatchObject({ exitCode: 0, stdout: "" });
    expect(remains(node)).toEqual([]);
  },
);

test("ADD() fails and leaves nothing when the kernel lacks what host ports need", async () => {
  await using node = await Node.create();
  ensurePod(node);
  // The second socket is the one inside the pod.
  const done = traced(node, { command: "ADD", conf: CRASHING }, { ...LACKING, nth: "3+" });
  const { code, msg, details } = JSON.parse(done.stdout);
  expect({ exitCode: done.exitCode, code }).toEqual({ exitCode: 1, code: 101 });
  expect(msg).toMatch(/^applyRuleset: this kernel has no nf_tables .*module nf_tables/);
  expect(msg).toContain("asked for by ipMasq and portMappings");
  expect(details).toContain("modprobe");
  expect(details).toContain("take ipMasq and portMappings out of the configuration");
  expect(remains(node)).toEqual([]);
});

test("DEL() removes what an ADD left that the kernel failed", async () => {
  await using node = await Node.create();
  ensurePod(node);
  traced(node, { command: "ADD", conf: CRASHING }, { ...LACKING, nth: "3+", effect: "signal=KILL" });
  expect(call(node, "DEL", { conf: NETCONF })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(remains(node)).toEqual([]);
});

test("STATUS() says what is missing when the kernel lacks what host ports need", async () => {
  await using node = await Node.create();
  const conf = { ...CRASHING, forward: true };
  // Before it rtnetlink on the node, other programs' chains, and rtnetlink where everything is tried.
  const done = traced(node, { command: "STATUS", conf }, { ...LACKING, nth: "4+" });
  const { code, msg } = JSON.parse(done.stdout);
  expect([done.exitCode, code, msg]).toEqual([1, 50, expect.stringContaining("nf_tables")]);
});

test("STATUS() does not miss other programs' chains when the kernel can have none", async () => {
  await using node = await Node.create();
  const conf = { ...NETCONF, isGateway: true };
  const done = traced(node, { command: "STATUS", conf }, { ...LACKING, nth: "1" });
  expect(done).toMatchObject({ exitCode: 0, stdout: "" });
});
