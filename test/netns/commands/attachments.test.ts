/** `podwire attachments`: what each pod has, from its record. */

import { expect, test } from "vitest";
import { createNode, podwire, succeed, succeedJson, writeFile } from "../../support/node/commands.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { addNamedPod } from "../../support/pod/named-pods.ts";

const ARGS = "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart-0;K8S_POD_UID=7c2-1";
const PORTS = [
  { hostPort: 8080, containerPort: 80, protocol: "tcp" },
  { hostPort: 53, containerPort: 5353, protocol: "udp", hostIP: "127.0.0.1" },
];

/** The table as rows of cells: no cell has two blanks in it. */
function rows(text: string): string[][] {
  return text.split("\n").map((line) => line.split(/ {2,}/));
}

test("attachments shows pod, interfaces, addresses and host ports when a pod has them", async () => {
  await using node = await Node.create();
  attach(node, { args: ARGS, conf: { runtimeConfig: { portMappings: PORTS } } });
  const [{ ifname: host }] = node.json("ip -j link show master cni0");
  const [header, row] = rows(succeed(node, "attachments"));
  expect(header?.slice(0, 4)).toEqual(["POD", "NAMESPACE", "CONTAINER", "INTERFACE"]);
  expect(row?.slice(0, 8)).toEqual([
    "cart-0",
    "shop",
    "c1",
    "eth0",
    "10.1.0.2/16",
    `${host} (cni0)`,
    "mynet",
    "8080->80/tcp,127.0.0.1:53->5353/udp",
  ]);
  expect(row?.[8]).toMatch(/^\d+s$/);
});

test("attachments tells programs all of it when JSON is asked for", async () => {
  await using node = await Node.create();
  attach(node, { args: ARGS, conf: { runtimeConfig: { portMappings: PORTS } } });
  const [{ ifname: hostIfname }] = node.json("ip -j link show master cni0");
  const [shown] = succeedJson(node, "attachments");
  expect(Math.abs(Date.now() - Date.parse(shown.createdAt))).toBeLessThan(60_000);
  expect(shown).toEqual({
    network: "mynet",
    containerId: "c1",
    ifname: "eth0",
    kind: "bridge",
    pod: { namespace: "shop", name: "cart-0", uid: "7c2-1" },
    addresses: ["10.1.0.2/16"],
    hostIfname,
    bridge: "cni0",
    uplink: null,
    vf: null,
    mtu: 1500,
    named: null,
    hostPorts: [
      { protocol: "tcp", hostPort: 8080, containerPort: 80, hostIp: null },
      { protocol: "udp", hostPort: 53, containerPort: 5353, hostIp: "127.0.0.1" },
    ],
    netns: "/run/netns/c1",
    isAlive: true,
    createdAt: shown.createdAt,
  });
});

test("attachments shows network, tier and uplink when a pod asked for a network by name", async () => {
  await using node = await createNode();
  succeed(
    node,
    "network create web -s 10.9.0.0/24 --start 10.9.0.10 --end 10.9.0.20 --attach macvlan --uplink eth1",
  );
  addNamedPod(node, "c1", { network: "web", perfTier: "best-effort" });
  const [, row] = rows(succeed(node, "attachments"));
  expect(row?.slice(1, 6)).toEqual(["c1", "eth0", "10.9.0.10/24", "eth1", "web"]);
  expect(succeedJson(node, "attachments --network web")[0]).toMatchObject({
    network: "pods",
    kind: "macvlan",
    hostIfname: null,
    named: { name: "web", tier: "best-effort" },
    uplink: { ifname: "eth1" },
  });
});

/** c1: pod shop/cart-0 on mynet; c2: no pod, on othernet. */
async function nodeOfTwo(): Promise<Node> {
  const node = await Node.create();
  attach(node, { args: ARGS });
  attach(node, {
    containerId: "c2",
    conf: { name: "othernet", bridge: "cni1", ipam: { type: "host-local", subnet: "10.2.0.0/16" } },
  });
  return node;
}

test.for([
  ["", ["c2", "c1"]],
  ["--network mynet", ["c1"]],
  ["--network othernet", ["c2"]],
  ["--network nix", []],
  ["--pod cart-0", ["c1"]],
  ["--pod shop/cart-0", ["c1"]],
  ["--pod test/cart-0", []],
  ["--container c", ["c2", "c1"]],
  ["--container c2", ["c2"]],
  ["--network mynet --container c2", []],
  ["--gone", []],
] as const)("attachments shows those that are meant when called with %j", async ([options, expected]) => {
  await using node = await nodeOfTwo();
  const shown = succeedJson(node, `attachments ${options}`.trim());
  expect(shown.map(({ containerId }: { containerId: string }) => containerId)).toEqual(expected);
});

test("attachments marks those whose network namespace is gone when a plain file is left of it", async () => {
  await using node = await nodeOfTwo();
  node.sh("umount /run/netns/c2");
  expect(rows(succeed(node, "attachments")).map((row) => row.at(-1)?.split(" ")[1])).toEqual([
    undefined,
    "gone",
    undefined,
  ]);
  expect(succeedJson(node, "attachments --gone")).toMatchObject([{ containerId: "c2", isAlive: false }]);
});

test("attachments shows nothing of a pod when its attachment was removed", async () => {
  await using node = await nodeOfTwo();
  call(node, "DEL");
  expect(succeedJson(node, "attachments")).toMatchObject([{ containerId: "c2" }]);
});

test("attachments prints its header alone when there never was an ADD", async () => {
  await using node = await Node.create();
  expect(rows(succeed(node, "attachments"))).toHaveLength(1);
  expect(succeedJson(node, "attachments")).toEqual([]);
});

test("attachments passes over a record when it is not whole", async () => {
  await using node = await nodeOfTwo();
  writeFile(node, "/run/podwire/mynet/broken:eth0.json", '{"network":');
  expect(succeedJson(node, "attachments")).toHaveLength(2);
});

test("attachments exits with 2 when called with an option that it does not have", async () => {
  await using node = await Node.create();
  expect(podwire(node, "attachments --nonsense")).toMatchObject({ exitCode: 2, stdout: "" });
});
