/**
 * Records that podwire 0.1.0 at commit 9e94bda wrote, before they had a version: read, checked, repaired and removed by.
 *
 * The files in `version1` are what that commit's executable wrote for each of the cases; a pod of today is made the same
 * way, and its records are exchanged for them.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { remains } from "../../support/kernel/kernel.ts";
import { podwire, succeed, succeedJson, writeFile } from "../../support/node/commands.ts";
import type { Node } from "../../support/node/node.ts";
import { call } from "../../support/pod/attachment.ts";
import { CASES, DELEGATES, type RecordCase } from "./cases.ts";

const FILES = join(import.meta.dirname, "version1");

/** A pod whose records are the old ones, and what `podwire attachments` says of it before and after the exchange. */
async function withOldRecords({ name, create, add }: RecordCase) {
  const node = await create();
  add(node);
  const before = succeedJson(node, "attachments");
  for (const file of readdirSync(join(FILES, name)))
    writeFile(
      node,
      `/run/podwire/mynet/${file.replace("_", ":").replace(".record", ".json")}`,
      readFileSync(join(FILES, name, file), "utf8"),
    );
  // What that version knew nothing of.
  node.sh("for map in invalid_ip invalid_ip6; do nft flush map inet podwire $map 2> /dev/null || true; done");
  return { node, before };
}

/** The rules and elements of podwire, without the counters. */
function rulesetOf(node: Node): string {
  return node.sh("nft -s list ruleset");
}

const listed = (attachments: { createdAt: string }[]) => attachments.map(({ createdAt: _, ...one }) => one);

test.for(CASES)(
  "a record of version 1 tells of the attachment '$name' what one of today does",
  async (one) => {
    const { node, before } = await withOldRecords(one);
    await using _ = node;
    const now = succeedJson(node, "attachments");
    // What a rate is at most stands in records of today alone.
    const withoutMost = JSON.parse(
      JSON.stringify(before, (key, value) => (key === "maxMbps" ? undefined : value)),
    );
    expect(listed(now)).toEqual(listed(withoutMost));
    expect(now.every(({ isAlive }: { isAlive: boolean }) => isAlive)).toBe(true);
  },
);

test.for(CASES)("attachment finds nothing to say of '$name' by a record of version 1", async (one) => {
  const { node } = await withOldRecords(one);
  await using _ = node;
  const { exitCode, stdout } = podwire(node, "attachment c1 --json");
  const different = JSON.parse(stdout).flatMap(({ steps }: { steps: { differences: string[] }[] }) =>
    steps.flatMap(({ differences }) => differences),
  );
  expect([exitCode, different]).toEqual([0, []]);
});

test.for(CASES)("repair, by a record of version 1, restores the rules of '$name'", async (one) => {
  const { node } = await withOldRecords(one);
  await using _ = node;
  const before = rulesetOf(node);
  node.sh("nft flush ruleset");
  expect(podwire(node, "repair").exitCode).toBe(0);
  const left = (ruleset: string) => ruleset.split("\n").filter((line) => line.includes("mynet/c1/"));
  expect(left(rulesetOf(node))).toEqual(left(before));
});

test.for(CASES)("DEL() leaves nothing of '$name' by a record of version 1", async (one) => {
  const { node } = await withOldRecords(one);
  await using _ = node;
  const done = call(node, "DEL", { env: DELEGATES, conf: { ipam: undefined } });
  expect(done).toMatchObject({ exitCode: 0, stdout: "" });
  expect(remains(node).filter((line) => !line.includes("eth"))).toEqual([]);
  expect(node.sh("nft list ruleset")).not.toContain("mynet/c1/");
});

test.for(CASES)("gc removes '$name' by a record of version 1 when its pod is gone", async (one) => {
  const { node } = await withOldRecords(one);
  await using _ = node;
  node.sh("ip netns del c1; while ip link show type veth | grep -q 'podwire mynet/c1/'; do sleep 0.01; done");
  succeed(node, "gc --plugin-dir /run/plugins");
  expect(node.sh("find /run/podwire /var/lib/cni -name 'c1*' -o -name '10.*'").trim()).toBe("");
});
