/** containerd dies with pods half started: once it is back, it removes them all. */

import { existsSync, readdirSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { leftoversOf } from "../../support/kernel/leftovers.ts";
import { Containerd, names } from "../../support/runtime/containerd.ts";

const PODS = names(20);
const MOMENTS = [
  { moment: "the first attachment has begun", begun: 1 },
  { moment: "half of the attachments have begun", begun: PODS.length / 2 },
  { moment: "all attachments have begun", begun: PODS.length },
];

function countBegun(containerd: Containerd): number {
  const records = containerd.path("/run/podwire/pods");
  return existsSync(records) ? readdirSync(records).length : 0;
}

test.for(MOMENTS)("nothing is left of 20 pods when containerd is killed after $moment", async ({ begun }) => {
  await using containerd = await Containerd.create();
  const before = leftoversOf(containerd.node);
  const starting = Promise.allSettled(PODS.map((name) => containerd.runPod(name)));
  await vi.waitUntil(() => countBegun(containerd) >= begun, { interval: 5, timeout: 30_000 });
  await containerd.kill();
  const started = (await starting).filter(({ status }) => status === "fulfilled").length;
  await containerd.start();
  await containerd.removeAll();
  expect({ isInTheMiddle: started < PODS.length, left: leftoversOf(containerd.node) }).toEqual({
    isInTheMiddle: true,
    left: before,
  });
});
