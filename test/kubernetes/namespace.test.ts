/** The API server on a node of its own. */

import { expect, test } from "vitest";
import { ApiServer } from "../support/kubernetes/api-server.ts";
import { Node } from "../support/node/node.ts";

test("ApiServer.start() runs in the namespaces that it is to enter, at an address there", async () => {
  const node = await Node.create();
  try {
    node.sh("ip address add 10.99.0.1/32 dev lo");
    await using server = await ApiServer.start({
      enter: (command) => node.command(command),
      address: "10.99.0.1",
    });
    expect(server.kubectl("get", "namespaces", "--output=name")).toContain("namespace/kube-system\n");
    expect(node.sh("ss -Hltn")).toContain(`10.99.0.1:${new URL(server.url).port}`);
  } finally {
    await node[Symbol.asyncDispose]();
  }
});
