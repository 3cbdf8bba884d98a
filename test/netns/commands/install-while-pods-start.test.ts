/** The executable is replaced while a runtime runs it: no call fails, none finds half a file. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { succeed } from "../../support/node/commands.ts";
import { BIN_DIR, createBareNode, makeVariant } from "../../support/node/install.ts";
import type { Node } from "../../support/node/node.ts";
import { PODWIRE } from "../../support/node/node.ts";

const PODS = 12;
const ROUNDS = 6;

/** One shell at the node adds and deletes pods in turn until it has had `PODS`; prints every call that failed. */
const CALLS = `
conf='{"cniVersion":"1.0.0","name":"pods","type":"podwire","ipam":{"type":"host-local","subnet":"10.9.0.0/24"}}'
export CNI_PATH=${BIN_DIR} CNI_IFNAME=eth0
for number in $(seq ${PODS}); do
  ip netns add pod$number
  for verb in ADD DEL; do
    printf %s "$conf" | CNI_COMMAND=$verb CNI_CONTAINERID=c$number CNI_NETNS=/run/netns/pod$number \\
      ${BIN_DIR}/podwire > /run/out 2>&1 || { echo "$verb $number: $?"; cat /run/out; }
  done
done`;

async function startPods(node: Node): Promise<string> {
  const [file = "", ...args] = node.command(["sh", "-c", CALLS]);
  return (await promisify(execFile)(file, args)).stdout;
}

test("no plugin call fails when install replaces the executable again and again", async () => {
  await using node = await createBareNode();
  const variant = makeVariant(node);
  succeed(node, "install");
  const started = startPods(node);
  const replaced: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const executable of [variant, PODWIRE]) {
      const [file = "", ...args] = node.command([executable, "install", "--json"]);
      const { stdout } = await promisify(execFile)(file, args);
      replaced.push(JSON.parse(stdout).files[0].action);
    }
  }
  expect(await started).toBe("");
  expect(new Set(replaced)).toEqual(new Set(["replace"]));
});
