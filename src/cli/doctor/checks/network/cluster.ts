/** The node's part in a cluster: what the agent says of it, and what of other programs is in its way. */

import { formatPrefix, parsePrefix, prefixCovers } from "../../../../addr/prefix.ts";
import { isAgentRunning } from "../../../../agent/alone.ts";
import { RTPROT_PODWIRE } from "../../../../cluster/kernel/routes.ts";
import { type ClusterStatus, type NodeStatus, readStatus } from "../../../../cluster/status.ts";
import type { Link } from "../../../../link/link.ts";
import type { ListedRoute } from "../../../../link/route.ts";
import { RT_TABLE_MAIN } from "../../../../netlink/route/route.ts";
import { type Check, count, type Finding, fault, listSome, ok, orOk, warning } from "../../finding.ts";

export const CLUSTER_CHECKS: readonly Check[] = [
  { group: "cluster", name: "nodes", run: () => judgeCluster(readStatus(), isAgentRunning()) },
  {
    group: "cluster",
    name: "routes",
    run: ({ routes, links }) => inCluster((status) => judgeForeignRoutes(status, routes(), links())),
  },
  {
    group: "cluster",
    name: "others",
    run: ({ links }) => inCluster(() => judgeOtherNetworks(links())),
  },
];

/** Of a node without a cluster there is nothing to be said. */
function inCluster(judge: (status: ClusterStatus) => Finding[]): Finding[] {
  const status = readStatus();
  return status === undefined ? [] : judge(status);
}

export function judgeCluster(status: ClusterStatus | undefined, isRunning: boolean): Finding[] {
  if (status === undefined) return [ok("this node is in no cluster")];
  const { node, nodes, problems, warnings } = status;
  const others = nodes.filter(({ name }) => name !== node);
  const troubled = others.filter(({ state }) => state === "problem");
  const troubles = [
    ...(isRunning ? [] : [AGENT_MISSING]),
    ...problems.map((problem) =>
      fault(problem, { meaning: "pods of this node and of others may not reach each other", command: MEND }),
    ),
    ...warnings.map((text) => warning(text, { meaning: WITHOUT_NEWS, command: MEND })),
    ...troubled.map(({ name, problems: theirs }) =>
      fault(`node ${name}: ${theirs.join("; ")}`, {
        meaning: `pods of ${name} are not reached from this node, or not all`,
        command: MEND,
      }),
    ),
  ];
  return orOk(
    troubles,
    `pods of ${count(others.length, "other node")} are reached`,
    others.map(describeNode),
  );
}

const WITHOUT_NEWS =
  "pods run and start; what has changed in the cluster meanwhile may not have come to this node";

const MEND = "correct the file or field that is named; the agent picks it up by itself";

const AGENT_MISSING = fault("podwire agent does not run", {
  meaning:
    "routes and tunnels stay as they are: what is removed is not put back, nodes that come are not reached",
  command: "start podwire agent, and see why it ended: its log is on standard error",
});

function describeNode({ name, ranges, transport }: NodeStatus): string {
  return `${name}: ${ranges.join(", ")} by ${transport.join(" and ")}`;
}

/** A route of another program to the same network is preferred, for it has a lower metric. */
export function judgeForeignRoutes(
  { node, nodes }: ClusterStatus,
  routes: readonly ListedRoute[],
  links: readonly Link[],
): Finding[] {
  const foreign = routes.filter(
    ({ table, protocol }) => table === RT_TABLE_MAIN && protocol !== RTPROT_PODWIRE,
  );
  const peers = nodes.filter(({ name }) => name !== node);
  const troubles = peers.flatMap(({ name, ranges }) =>
    ranges.flatMap((text) => {
      const range = parsePrefix(text);
      const inWay = foreign.filter(({ dst }) => range !== undefined && prefixCovers(range, dst));
      return inWay.map(({ dst, ifindex }) => {
        const ifname = links.find((link) => link.ifindex === ifindex)?.ifname ?? "another interface";
        return fault(`a route of another program leads ${formatPrefix(dst)} of node ${name} by ${ifname}`, {
          meaning: `pods of ${name} may not be reached from this node: podwire's route has a worse metric`,
          command: `ip route delete ${formatPrefix(dst)} dev ${ifname}, once the program that made it is gone`,
        });
      });
    }),
  );
  return orOk(troubles, "no route of another program leads to pods of other nodes");
}

/** Interfaces that other networks of clusters make on each node. */
const OTHERS = /^(flannel[.-]|vxlan\.calico$|cali[0-9a-f]{6}|tunl0$|cilium_|weave$|antrea-gw)/;

function judgeOtherNetworks(links: readonly Link[]): Finding[] {
  const found = links.map(({ ifname }) => ifname).filter((ifname) => OTHERS.test(ifname));
  if (found.length === 0) return [ok("no other network of a cluster has left interfaces here")];
  return [
    warning(`interfaces of another network of a cluster are here: ${listSome(found)}`, {
      meaning:
        "it may make routes and rules of its own; one VNI and UDP port can be used by one interface alone",
      command: "end that network's daemon, then: ip link delete NAME",
    }),
  ];
}
