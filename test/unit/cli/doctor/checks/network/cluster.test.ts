/** What doctor says of the node's part in a cluster. */

import { expect, test } from "vitest";
import { parsePrefix } from "../../../../../../src/addr/prefix.ts";
import { judgeCluster, judgeForeignRoutes } from "../../../../../../src/cli/doctor/checks/network/cluster.ts";
import type { ClusterStatus, NodeStatus } from "../../../../../../src/cluster/status.ts";
import { RT_TABLE_MAIN } from "../../../../../../src/netlink/route/route.ts";

const nodeOf = (name: string, more: Partial<NodeStatus> = {}): NodeStatus => ({
  name,
  addresses: ["192.168.1.12"],
  ranges: ["10.244.2.0/24"],
  transport: ["direct"],
  mtu: 1500,
  state: "ready",
  since: "2026-01-01T00:00:00Z",
  problems: [],
  ...more,
});

const STATUS: ClusterStatus = {
  updated: "2026-01-01T00:00:00Z",
  node: "node1",
  source: "files",
  isComplete: true,
  warnings: [],
  problems: [],
  nodes: [nodeOf("node1", { state: "self", ranges: ["10.244.1.0/24"] }), nodeOf("node2")],
};

const said = (findings: ReturnType<typeof judgeCluster>) =>
  findings.map(({ level, text }) => `${level} ${text}`);

test("a cluster in which all is well is one line, and so is none", () => {
  expect(said(judgeCluster(STATUS, true))).toEqual(["ok pods of 1 other node are reached"]);
  expect(said(judgeCluster(undefined, false))).toEqual(["ok this node is in no cluster"]);
});

test("an agent that does not run, the node's problems and other nodes' are faults", () => {
  const nodes = [...STATUS.nodes, nodeOf("node3", { state: "problem", problems: ["is not on this link"] })];
  const status = { ...STATUS, nodes, problems: ["nodes/x.json: is no JSON"] };
  expect(said(judgeCluster(status, false))).toEqual([
    "fault podwire agent does not run",
    "fault nodes/x.json: is no JSON",
    "fault node node3: is not on this link",
  ]);
});

const routeOf = (dst: string, protocol: number, table = RT_TABLE_MAIN) => {
  const prefix = parsePrefix(dst);
  if (prefix === undefined) throw new Error(dst);
  return { dst: prefix, ifindex: 3, protocol, table };
};

test.for([
  ["podwire's own", routeOf("10.244.2.0/24", 112), []],
  ["to this node's pods", routeOf("10.244.1.0/24", 2), []],
  ["in another table", routeOf("10.244.2.0/24", 4, 100), []],
  ["wider than a range", routeOf("10.244.0.0/16", 4), []],
  ["to a range", routeOf("10.244.2.0/24", 4), ["10.244.2.0/24"]],
  ["into a range", routeOf("10.244.2.128/25", 4), ["10.244.2.128/25"]],
] as const)("a route is in the way or not: %s", ([, route, wanted]) => {
  const findings = judgeForeignRoutes(STATUS, [route], []).filter(({ level }) => level === "fault");
  expect(findings.map(({ text }) => text)).toEqual(
    wanted.map((dst) => `a route of another program leads ${dst} of node node2 by another interface`),
  );
});
