/** The plain bridge, as conf/10-podwire.conflist makes it, on a Debian's kernel with modules. */

import { readFileSync } from "node:fs";
import { afterEach, beforeAll, expect, test } from "vitest";
import { Vm } from "../support/vm/vm.ts";

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
  vm = await Vm.shared();
});
afterEach(() => vm.reset());

test("a pod is reached by its address and its host port until it goes, and leaves nothing then", async () => {
  await vm.addNetns("c1");
  const added = await vm.cni("ADD", { netconf });
  expect(added).toMatchObject({ status: 0, stderr: "", result: { ips: [{ address: "10.244.0.2/16" }, {}] } });
  const prevResult = added.result;
  expect(await vm.cni("CHECK", { netconf: { ...netconf, prevResult } })).toMatchObject({
    status: 0,
    stdout: "",
  });
  expect(await vm.sh("ping -c 1 -W 2 10.244.0.2")).toContain("1 received");
  const server = vm.run("echo $$ > /tmp/server; ip netns exec c1 traffic serve c1 tcp 0.0.0.0 80");
  await vm.until("traffic connect tcp 127.0.0.1 8080 1000 any 0 | grep '^c1 '");
  await vm.sh("kill $(cat /tmp/server)");
  await server;
  expect(await vm.cni("DEL", { netconf })).toMatchObject({ status: 0, stdout: "", stderr: "" });
  // The kernel makes ifb0 and ifb1 when it loads that driver.
  expect(await vm.sh("ls /sys/class/net /run/podwire/podwire /var/lib/cni/networks/podwire")).toBe(
    [
      "/run/podwire/podwire:\n",
      "/sys/class/net:\ncni0\neth0\neth1\nifb0\nifb1\nlo\n",
      "/var/lib/cni/networks/podwire:\nboot_id\nlast_reserved_ip.0\nlast_reserved_ip.1\nlock\n",
    ].join("\n"),
  );
});

test("pods that start at the same time all get what they ask for", async () => {
  const pods = ["c1", "c2", "c3", "c4"];
  for (const pod of pods) await vm.addNetns(pod);
  const plain = { ...netconf, runtimeConfig: {} };
  const added = await Promise.all(pods.map((containerId) => vm.cni("ADD", { netconf: plain, containerId })));
  expect(added.map(({ status, stderr }) => [status, stderr])).toEqual(pods.map(() => [0, ""]));
  const addresses = added.map(({ result }) => result.ips[0].address.split("/")[0]);
  expect(new Set(addresses).size).toBe(4);
  for (const address of addresses) await vm.until(`ping -c 1 -W 1 ${address}`);
  await Promise.all(pods.map((containerId) => vm.cni("DEL", { netconf: plain, containerId })));
  expect(await vm.json("ip -j link show type veth")).toEqual([]);
});
