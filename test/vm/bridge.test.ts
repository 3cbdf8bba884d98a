/** The plain bridge, as conf/10-podwire.conflist makes it, on a Debian's kernel with modules. */

import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Vm } from "../support/vm.ts";

const { plugins, name } = JSON.parse(readFileSync("conf/10-podwire.conflist", "utf8"));
const netconf = {
  ...plugins[0],
  name,
  cniVersion: "1.1.0",
  runtimeConfig: {
    portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }],
    bandwidth: { ingressRate: 8_000_000, egressRate: 8_000_000 },
  },
};

let vm: Vm;
beforeAll(async () => {
  vm = await Vm.boot({ cards: 0 });
});
afterAll(() => vm?.close());
beforeEach(() => vm.addNetns("c1"));
afterEach(() => vm.sh("ip netns del c1"));

test("a pod is reached by its address and its host port, and nothing is left, when it comes and goes", async () => {
  const before = await vm.sh(
    "ip -br link; find /run/podwire /var/lib/cni -type f ! -path '*last_reserved*' || true",
  );
  const added = await vm.cni("ADD", { netconf });
  expect(added).toMatchObject({ status: 0, stderr: "", result: { ips: [{ address: "10.244.0.2/16" }, {}] } });
  const checked = await vm.cni("CHECK", { netconf: { ...netconf, prevResult: added.result } });
  expect(checked).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(await vm.sh("ping -c 1 -W 2 10.244.0.2")).toContain("1 received");
  const server = vm.run("ip netns exec c1 timeout 20 traffic serve c1 tcp 0.0.0.0 80");
  await vm.until("traffic connect tcp 127.0.0.1 8080 1000 any 0 | grep '^c1 '");
  expect(await vm.cni("DEL", { netconf })).toMatchObject({ status: 0, stdout: "", stderr: "" });
  await vm.sh("pkill traffic");
  await server;
  expect(await vm.sh("ip -br link")).toBe(before);
});
