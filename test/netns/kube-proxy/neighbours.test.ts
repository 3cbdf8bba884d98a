/** kube-proxy's and podwire's rules stand side by side: neither touches the other's, whatever the other does. */

import { expect, test } from "vitest";
import { MODES, type Mode } from "../../support/kube-proxy/kube-proxy.ts";
import type { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { World } from "../../support/traffic/traffic-world.ts";
import {
  HOST_PORT,
  NODE_PORT,
  netconf,
  type Program,
  setUpServices,
  syncAll,
  V4,
  V6,
} from "./service-world.ts";

/** Tables that kube-proxy writes to. */
const TABLES = {
  iptables: ["ip filter", "ip nat", "ip6 filter", "ip6 nat"],
  nftables: ["ip kube-proxy", "ip6 kube-proxy"],
} as const;

/** Rules, sets and their elements with the handles that the kernel gave them: what is made anew gets new ones. */
function listing(node: Node, tables: readonly string[]): string {
  return tables.map((table) => node.sh(`nft -s -a list table ${table}`)).join("");
}

async function setUp(world: World, mode: Mode, first: Program = "podwire"): Promise<void> {
  await setUpServices(world, { mode, brNetfilter: false, first });
}

test.for(MODES)("a full sync leaves podwire's table as it is, %s mode", async (mode) => {
  await using world = await World.create();
  await setUp(world, mode);
  const before = listing(world.node, ["inet podwire"]);
  syncAll(world, mode);
  syncAll(world, mode);
  expect(listing(world.node, ["inet podwire"])).toBe(before);
});

test("a host port answers when kube-proxy's tables are deleted", async () => {
  await using world = await World.create();
  await setUp(world, "nftables");
  for (const table of TABLES.nftables) world.node.sh(`nft delete table ${table}`);
  expect(world.connect("outside", `tcp ${V4.node} ${HOST_PORT}`)).toBe(`c1 ${V4.outside}`);
});

test("a host port answers when iptables' tables are flushed", async () => {
  await using world = await World.create();
  await setUp(world, "iptables");
  world.node.sh("for program in iptables-nft ip6tables-nft; do $program -F; $program -t nat -F; done");
  expect(world.connect("outside", `tcp ${V6.node} ${HOST_PORT}`)).toBe(`c1 ${V6.outside}`);
});

test.for(MODES)("ADD() leaves kube-proxy's rules as they are, %s mode", async (mode) => {
  await using world = await World.create();
  await setUp(world, mode);
  const before = listing(world.node, TABLES[mode]);
  const portMappings = [{ hostPort: 8082, containerPort: 8080, protocol: "tcp" }];
  attach(world.node, { containerId: "c4", conf: { ...netconf(), runtimeConfig: { portMappings } } });
  expect(listing(world.node, TABLES[mode])).toBe(before);
});

test.for(MODES)("DEL() leaves kube-proxy's rules as they are, %s mode", async (mode) => {
  await using world = await World.create();
  await setUp(world, mode);
  const before = listing(world.node, TABLES[mode]);
  expect(call(world.node, "DEL", { containerId: "c1", conf: netconf() }).exitCode).toBe(0);
  expect(listing(world.node, TABLES[mode])).toBe(before);
});

test("a NodePort answers when its pod's host port stands at the same number on another address", async () => {
  await using world = await World.create();
  await setUp(world, "iptables", "kube-proxy");
  world.node.sh("ip address add 192.0.2.7/32 dev lo");
  const mapping = { hostPort: NODE_PORT.one, containerPort: 8080, protocol: "tcp", hostIP: "192.0.2.7" };
  const runtimeConfig = { portMappings: [mapping] };
  attach(world.node, { containerId: "c4", conf: { ...netconf(), runtimeConfig } });
  expect(world.connect("outside", `tcp ${V4.node} ${NODE_PORT.one}`)).toBe(`c1 ${V4.gateway}`);
});
