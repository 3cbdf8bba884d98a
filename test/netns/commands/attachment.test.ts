/** `podwire attachment`: one container's interfaces, each step held against the kernel. */

import { expect, test } from "vitest";
import { createNode, podwire, succeed, succeedJson, writeFile } from "../../support/node/commands.ts";
import { Node } from "../../support/node/node.ts";
import { attach } from "../../support/pod/attachment.ts";
import { addNamedPod } from "../../support/pod/named-pods.ts";
import { RuntimeNode } from "../../support/runtime/cnitool.ts";

const ARGS = "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart-0";
const CONF = {
  ipMasq: true,
  runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }] },
  ingressRate: 1_000_000,
};

interface Inspected {
  readonly source: string;
  readonly steps: readonly { readonly step: string; readonly differences: readonly string[] }[];
}

/** What the command says of the first interface that the name stands for: steps with differences alone. */
function inspect(node: Node, name: string) {
  const { exitCode, stdout, stderr } = podwire(node, `attachment ${name} --json`);
  if (stdout === "") throw new Error(stderr);
  const [{ source, steps }]: [Inspected] = JSON.parse(stdout);
  return { exitCode, source, different: steps.filter(({ differences }) => differences.length > 0) };
}

test("attachment finds nothing to say when all is as ADD made it", async () => {
  await using node = await Node.create();
  attach(node, { args: ARGS, conf: CONF });
  expect(inspect(node, "c1")).toEqual({ exitCode: 0, source: "record", different: [] });
});

const DAMAGES = [
  ["the reservation is gone", "rm /var/lib/cni/networks/mynet/10.1.0.2", "reserveAddresses"],
  ["the bridge is down", "ip link set cni0 down", "ensureBridge"],
  ["the port left its bridge", "ip link set $HOST nomaster", "createVeth"],
  ["the pod's interface is down", "ip -n c1 link set eth0 down", "createVeth"],
  ["the limit is gone", "tc qdisc del dev $HOST root", "shapeTraffic"],
  ["the address is gone", "ip -n c1 address flush dev eth0", "configureContainer"],
  ["the host port is gone", "nft delete element inet podwire hostports_ip '{ tcp . 8080 }'", "applyRuleset"],
] as const;

test.for(DAMAGES)("attachment names the step when %s", async ([, script, step]) => {
  await using node = await Node.create();
  attach(node, { conf: CONF });
  const [{ ifname: host }] = node.json("ip -j link show master cni0");
  node.sh(script.replace("$HOST", host));
  const { exitCode, different } = inspect(node, "c1");
  expect([exitCode, different.map((one) => one.step)]).toEqual([1, [step]]);
});

test("attachment prints a mark for each step and the difference behind it when it is for people", async () => {
  await using node = await Node.create();
  attach(node, { args: ARGS });
  node.sh("ip -n c1 address flush dev eth0");
  const { exitCode, stdout } = podwire(node, "attachment shop/cart-0");
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^POD +NAMESPACE .*\ncart-0 +shop +c1 +eth0 +10\.1\.0\.2\/16 /);
  expect(stdout).toContain("\n✓ createVeth\n");
  expect(stdout).toContain(
    '\n✗ configureContainer  address 10.1.0.2/16 is missing on "eth0" in the container\n',
  );
});

test("attachment says how to mend it when the network namespace is gone", async () => {
  await using node = await Node.create();
  attach(node);
  node.sh("ip netns del c1");
  expect(inspect(node, "c1")).toMatchObject({
    exitCode: 1,
    different: [
      { differences: ['its network namespace "/run/netns/c1" is gone: podwire gc removes what is left'] },
    ],
  });
});

const LIST = {
  cniVersion: "1.0.0",
  name: "mynet",
  plugins: [
    {
      type: "podwire",
      isDefaultGateway: true,
      hairpinMode: true,
      capabilities: { bandwidth: true },
      ipam: { type: "host-local", subnet: "10.1.0.0/16" },
    },
  ],
};

test("attachment knows routes and the bridge's settings when a runtime has made the call", async () => {
  await using runtime = await RuntimeNode.create();
  const { node } = runtime;
  runtime.configure(LIST);
  const bandwidth = { ingressRate: 1_000_000, ingressBurst: 1_000_000 };
  runtime.call("add", { netns: node.addPod("pod"), capabilities: { bandwidth } });
  const [{ containerId }] = succeedJson(node, "attachments");
  expect(inspect(node, containerId)).toEqual({ exitCode: 0, source: "record", different: [] });
  node.sh(`host=$(ls /sys/class/net/cni0/brif)
    ip -n pod route del default; bridge link set dev $host hairpin off; tc qdisc del dev $host root`);
  expect(inspect(node, containerId)).toMatchObject({
    exitCode: 1,
    different: [
      { step: "createVeth", differences: [expect.stringContaining("hairpin mode off, want on")] },
      { step: "shapeTraffic", differences: [expect.stringContaining("has no token bucket")] },
      { step: "configureContainer", differences: [expect.stringContaining("route 0.0.0.0/0 via 10.1.0.1")] },
    ],
  });
});

test.for([
  ["garbled", "{"],
  ["of another shape", '{"config": []}'],
  ["of no use", '{"config": "bm8="}'],
  ["not base64", '{"config": "*"}'],
  ["of another plugin", '{"config": "eyJwbHVnaW5zIjpbeyJ0eXBlIjoiYnJpZGdlIn1dfQ==", "result": {}}'],
] as const)("attachment relies on the record when the runtime's cache is %s", async ([, content]) => {
  await using node = await Node.create();
  attach(node);
  writeFile(node, "/var/lib/cni/results/mynet-c1-eth0", content);
  expect(inspect(node, "c1")).toEqual({ exitCode: 0, source: "record", different: [] });
});

test("attachment names the route when a pod on a network by name has lost it", async () => {
  await using node = await createNode();
  succeed(
    node,
    "network create web -s 10.9.0.0/24 --start 10.9.0.10 --end 10.9.0.20 -g 10.9.0.1 --attach bridge --uplink eth1",
  );
  addNamedPod(node, "c1", { network: "web" });
  expect(inspect(node, "c1")).toMatchObject({ exitCode: 0, different: [] });
  node.sh("ip -n c1 route del default; ip link set eth1 nomaster");
  expect(inspect(node, "c1").different.map(({ step }) => step)).toEqual(["joinUplink", "configureContainer"]);
});

test("attachment shows every interface when one ADD made several", async () => {
  await using node = await createNode();
  for (const number of [1, 2])
    succeed(
      node,
      `network create lan${number} -s 10.9.${number}.0/24 --start 10.9.${number}.10 --end 10.9.${number}.20 --attach macvlan --uplink eth${number}`,
    );
  node.addPod("c1");
  const annotations = Object.fromEntries(
    [0, 1].map((index) => [`diamanti.com/endpoint${index}`, `{"network":"lan${index + 1}"}`]),
  );
  attach(node, { conf: { runtimeConfig: { "io.kubernetes.cri.pod-annotations": annotations } } });
  node.sh("ip -n c1 address flush dev eth1");
  const shown: (Inspected & { ifname: string })[] = JSON.parse(podwire(node, "attachment c1 --json").stdout);
  const different = shown.map(({ ifname, steps }) => [
    ifname,
    ...steps.filter(({ differences }) => differences.length > 0).map(({ step }) => step),
  ]);
  expect(different).toEqual([["eth0"], ["eth1", "configureContainer"]]);
});

test.for([
  ["nobody", 'error: no attachment is called "nix"\n  podwire attachments lists what there is\n', "nix"],
  [
    "several containers",
    'error: "c" can be any of c1 (shop/cart-0), c2\n  give more of the container ID, or the pod\'s name as NAMESPACE/NAME\n',
    "c",
  ],
] as const)("attachment refuses when the name is that of %s", async ([, message, name]) => {
  await using node = await Node.create();
  attach(node, { args: ARGS });
  attach(node, { containerId: "c2" });
  expect(podwire(node, `attachment ${name}`)).toEqual({ exitCode: 1, stdout: "", stderr: message });
});
