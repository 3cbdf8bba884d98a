/** The executable is replaced, as an upgrade does it, while containerd starts and removes pods. */

import { copyFile, rename } from "node:fs/promises";
import { expect, test } from "vitest";
import { leftoversOf } from "../../support/kernel/leftovers.ts";
import { PODWIRE } from "../../support/node/node.ts";
import { Containerd, names } from "../../support/runtime/containerd.ts";
import { PLUGINS } from "../../support/runtime/pod-network.ts";

/** Replaces the executable again and again until `work` is done; gives how often. */
async function replaceDuring(containerd: Containerd, work: Promise<unknown>): Promise<number> {
  const directory = containerd.path(PLUGINS);
  let isDone = false;
  const end = () => {
    isDone = true;
  };
  work.then(end, end);
  let count = 0;
  for (; !isDone; count++) {
    await copyFile(PODWIRE, `${directory}/.podwire.new`);
    await rename(`${directory}/.podwire.new`, `${directory}/podwire`);
  }
  return count;
}

test("no pod fails to start or to be removed when the executable is replaced meanwhile", async () => {
  await using containerd = await Containerd.create();
  const before = leftoversOf(containerd.node);
  const starting = Promise.allSettled(names(20).map((name) => containerd.runPod(name)));
  const duringStart = await replaceDuring(containerd, starting);
  const failed = (await starting).filter(({ status }) => status === "rejected");
  const removing = containerd.removeAll();
  const duringRemoval = await replaceDuring(containerd, removing);
  await removing;
  expect({ failed, left: leftoversOf(containerd.node) }).toEqual({ failed: [], left: before });
  expect(Math.min(duringStart, duringRemoval)).toBeGreaterThan(1);
});
