import { expect, test } from "vitest";
import { Node } from "../support/node/node.ts";

const conf = {
  cniVersion: "1.1.0",
  name: "mynet",
  type: "podwire",
  isGateway: true,
  ipam: { type: "host-local", subnet: "10.1.0.0/16" },
};

test("ADD() gives the pod an address that the node can reach", async () => {
  await using node = await Node.create();
  const netns = node.addPod("pod");
  const added = node.cni({ command: "ADD", conf, containerId: "c1", netns, ifname: "eth0" });
  expect(added).toMatchObject({
    exitCode: 0,
    stderr: "",
    json: { ips: [{ address: "10.1.0.2/16", gateway: "10.1.0.1" }] },
  });
  expect(node.sh("ping -c 1 -W 1 10.1.0.2")).toContain("1 received");
});
