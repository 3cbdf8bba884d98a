/** What is said of the API server, of the ways between nodes and of kube-proxy. */

import { expect, test } from "vitest";
import { parsePrefix } from "../../../../../../src/addr/prefix.ts";
import { judgeApi } from "../../../../../../src/cli/doctor/checks/network/cluster-api.ts";
import {
  judgeWays,
  type WayAnswers,
  waysOf,
} from "../../../../../../src/cli/doctor/checks/network/cluster-ways.ts";
import { judgeKubeProxy, toKubeProxy } from "../../../../../../src/cli/doctor/checks/network/kube-proxy.ts";
import type { ClusterStatus, NodeStatus } from "../../../../../../src/cluster/status.ts";
import { said } from "../../../../../support/fixtures/doctor.ts";
import { prefix } from "../../../../../support/fixtures/values.ts";

const SERVER = "https://10.96.0.1:443";

test.for([
  [{}, "ok", `the API server ${SERVER} answers`],
  [{ aheadSeconds: 10 }, "ok", `the API server ${SERVER} answers`],
  [{ aheadSeconds: 11 }, "warning", "this node's clock is 11 seconds ahead of that of the API server"],
  [{ aheadSeconds: -60 }, "warning", "this node's clock is 60 seconds behind that of the API server"],
  [{ problem: "refused" }, "fault", `the API server ${SERVER} does not answer: refused`],
] as const)("an API server that gave %j", ([answer, level, text]) => {
  expect(said(judgeApi(SERVER, answer))).toEqual([[level, text]]);
});

const nodeOf = (name: string, number: number, more: Partial<NodeStatus> = {}): NodeStatus => ({
  name,
  addresses: [`192.168.1.${number}`],
  ranges: [`10.244.${number}.0/24`],
  transport: ["vxlan"],
  mtu: 1450,
  state: "ready",
  since: "2026-01-01T00:00:00Z",
  problems: [],
  ...more,
});

const statusOf = (nodes: readonly NodeStatus[]): ClusterStatus => ({
  updated: "2026-01-01T00:00:00Z",
  node: "node1",
  source: "kubernetes",
  isComplete: true,
  problems: [],
  warnings: [],
  nodes: [nodeOf("node1", 1, { state: "self", transport: [] }), ...nodes],
});

const placesOf = (status: ClusterStatus) =>
  waysOf(status).map(
    ({ name, kind, to, mtu }) => `${name} ${kind} ${to.family} ${to.value.toString(16)} ${mtu}`,
  );

test("nodes are asked at their own address where the way is direct, else at their end of the tunnel", () => {
  const direct = nodeOf("node2", 2, { transport: ["direct"], mtu: 1500 });
  const troubled = nodeOf("node4", 4, { state: "problem" });
  expect(placesOf(statusOf([direct, nodeOf("node3", 3), troubled]))).toEqual([
    "node2 direct 4 c0a80102 1500",
    "node3 vxlan 4 af40300 1450",
  ]);
});

test("of many nodes some are asked, from all over the cluster", () => {
  const names = Array.from({ length: 200 }, (_, index) => nodeOf(`n${index}`, index + 2));
  const asked = waysOf(statusOf(names)).map(({ name }) => Number(name.slice(1)));
  expect(asked).toHaveLength(32);
  expect([asked[0], (asked.at(-1) ?? 0) > 180]).toEqual([0, true]);
});

const answers = (small: WayAnswers["small"], full: WayAnswers["full"], tcp: WayAnswers["tcp"]) => ({
  small,
  full,
  tcp,
});

test.for([
  [
    "vxlan",
    answers("answered", "answered", "answered"),
    "ok",
    "the largest packets pass to and from 1 other node",
  ],
  [
    "vxlan",
    answers("silent", "silent", "silent"),
    "warning",
    "no answer through the tunnel (vxlan) from n (10.0.0.0)",
  ],
  [
    "direct",
    answers("silent", "silent", "silent"),
    "ok",
    "no answer from n (10.0.0.0): a firewall there may keep silent, or the node is down",
  ],
  [
    "vxlan",
    answers("answered", "silent", "answered"),
    "fault",
    "packets of 1450 bytes do not pass to node n (10.0.0.0), smaller ones do",
  ],
  [
    "vxlan",
    answers("answered", "too-large", "answered"),
    "fault",
    "packets of 1450 bytes do not pass to node n (10.0.0.0), smaller ones do",
  ],
  [
    "vxlan",
    answers("answered", "answered", "silent"),
    "warning",
    "TCP is not answered by n (10.0.0.0), UDP is",
  ],
  [
    "direct",
    answers("silent", "silent", "answered"),
    "ok",
    "the largest packets pass to and from 1 other node",
  ],
] as const)("a node by %s that gave %j", ([kind, given, level, text]) => {
  const way = { name: "n", kind, to: prefix("10.0.0.0/32").address, mtu: 1450 };
  expect(said(judgeWays([way], [given]))).toEqual([[level, text]]);
});

const RANGES = ["10.244.1.0/24", "10.245.1.0/24", "fd00::/64"].flatMap((text) => parsePrefix(text) ?? []);

test.for([
  ["no cluster CIDR", ["kube-proxy"], {}, "ok"],
  ["one that all lie in", ["kube-proxy", "--cluster-cidr=10.244.0.0/15"], {}, "ok"],
  ["one that some lie in", ["kube-proxy", "--cluster-cidr=10.244.0.0/16"], {}, "fault"],
  ["the same as two words", ["kube-proxy", "--cluster-cidr", "10.244.0.0/16"], {}, "fault"],
  ["the same of its file", ["kube-proxy", "--config=/c"], { clusterCIDR: "10.244.0.0/16" }, "fault"],
  ["one of the other family", ["kube-proxy"], { clusterCIDR: "10.244.0.0/15,fd01::/48" }, "fault"],
  [
    "another way to know pods",
    ["kube-proxy"],
    { clusterCIDR: "10.9.0.0/16", detectLocalMode: "BridgeInterface" },
    "ok",
  ],
] as const)("kube-proxy with %s", ([, words, config, level]) => {
  expect(judgeKubeProxy(toKubeProxy(words, config), RANGES).map((finding) => finding.level)).toEqual([level]);
});
