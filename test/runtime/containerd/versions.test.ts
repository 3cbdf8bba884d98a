/** Configurations of each version that containerd speaks. */

import { expect, test } from "vitest";
import { leftoversOf } from "../../support/kernel/leftovers.ts";
import { Containerd } from "../../support/runtime/containerd.ts";
import { conflist, installNetwork } from "../../support/runtime/pod-network.ts";

test.for(["0.3.1", "0.4.0", "1.0.0"])(
  "a pod has both addresses, and nothing is left of it, when the network is of version %s",
  async (version) => {
    await using containerd = await Containerd.create((node) => installNetwork(node, conflist(version)));
    const before = leftoversOf(containerd.node);
    const pod = await containerd.runPod("a", { ports: [{ container_port: 80, host_port: 8080 }] });
    const addresses = await containerd.addressesOf(pod);
    await containerd.removePod(pod.id);
    expect({ addresses, left: leftoversOf(containerd.node) }).toEqual({
      addresses: ["10.244.0.2", "fd00:10:244::2"],
      left: before,
    });
  },
);
