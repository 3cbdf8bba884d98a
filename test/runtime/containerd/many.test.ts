/** Fifty pods of containerd at once. */

import { expect, test } from "vitest";
import { leftoversOf } from "../../support/kernel/leftovers.ts";
import { Containerd, names } from "../../support/runtime/containerd.ts";

test("each pod has addresses of its own, and nothing is left, when 50 start and are removed at once", async () => {
  await using containerd = await Containerd.create();
  const before = leftoversOf(containerd.node);
  const pods = await Promise.all(
    names(50).map((name, index) =>
      containerd.runPod(name, { ports: [{ container_port: 80, host_port: 30_000 + index }] }),
    ),
  );
  const addresses = await Promise.all(pods.map((pod) => containerd.addressesOf(pod)));
  await containerd.removeAll();
  expect({ addresses: new Set(addresses.flat()).size, left: leftoversOf(containerd.node) }).toEqual({
    addresses: 100,
    left: before,
  });
});
