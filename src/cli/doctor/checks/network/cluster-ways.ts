/** Whether packets really pass between this node and the others: small ones, the largest ones, and TCP. */

import { type Address, formatAddress, parseAddress } from "../../../../addr/address.ts";
import { networkOf, parsePrefix } from "../../../../addr/prefix.ts";
import { type Answer, askNodes, type Question } from "../../../../cluster/probe.ts";
import { type ClusterStatus, type NodeStatus, readStatus } from "../../../../cluster/status.ts";
import { type Check, count, type Finding, fault, listSome, ok, orOk, warning } from "../../finding.ts";

/** More than that are not asked: what is wrong between nodes is mostly wrong for many. */
const ASKED_AT_MOST = 32;
const WAIT_MS = 1_500;
/** Every path carries that: the least MTU of IPv6. */
const SMALL_BYTES = 1280;

export const WAY_CHECKS: readonly Check[] = [
  {
    group: "cluster",
    name: "ways",
    run: () => {
      const status = readStatus();
      const ways = status === undefined ? [] : waysOf(status);
      return ways.length === 0 ? [] : judgeWays(ways, askAll(ways));
    },
  },
];

/** How one of the others is reached, and where it answers. */
export interface WayToNode {
  readonly name: string;
  readonly kind: string;
  readonly to: Address;
  /** Bytes that are said to pass. */
  readonly mtu: number;
}

/** What came of the three questions to it. */
export interface WayAnswers {
  readonly small: Answer;
  readonly full: Answer;
  readonly tcp: Answer;
}

/** Of those that are ready, spread over the cluster; what is not is named by the agent already. */
export function waysOf({ node, nodes }: ClusterStatus): WayToNode[] {
  const ready = nodes.filter(({ name, state }) => name !== node && state === "ready");
  const step = Math.max(1, ready.length / ASKED_AT_MOST);
  const chosen = ready.filter((_, index) => Math.floor(index % step) === 0).slice(0, ASKED_AT_MOST);
  return chosen.flatMap((peer) => wayTo(peer) ?? []);
}

/** In a tunnel the other node has the network address of its first range. */
function wayTo({ name, addresses, ranges, transport, mtu }: NodeStatus): WayToNode | undefined {
  const tunnel = transport.find((kind) => kind !== "direct");
  const range = parsePrefix(ranges[0] ?? "");
  const to = tunnel === undefined ? parseAddress(addresses[0] ?? "") : range && networkOf(range).address;
  if (to === undefined || mtu === null) return undefined;
  return { name, kind: tunnel ?? "direct", to, mtu };
}

function askAll(ways: readonly WayToNode[]): WayAnswers[] {
  const questions = ways.flatMap(({ to, mtu }): Question[] => [
    { protocol: "udp", to, bytes: Math.min(SMALL_BYTES, mtu) },
    { protocol: "udp", to, bytes: mtu },
    { protocol: "tcp", to },
  ]);
  const answers = askNodes(questions, WAIT_MS);
  return ways.map((_, index) => {
    const [small = "silent", full = "silent", tcp = "silent"] = answers.slice(index * 3);
    return { small, full, tcp };
  });
}

export function judgeWays(ways: readonly WayToNode[], answers: readonly WayAnswers[]): Finding[] {
  const asked = ways.map((way, index) => ({ way, answers: answers[index] ?? NO_ANSWERS }));
  const answering = asked.filter(({ answers: { small, tcp } }) => [small, tcp].includes("answered"));
  const mute = asked.filter((one) => !answering.includes(one)).map(({ way }) => way);
  const narrow = answering.filter(
    ({ answers: { small, full } }) => small === "answered" && full !== "answered",
  );
  const noTcp = answering.filter(({ answers: { tcp } }) => tcp !== "answered");
  return orOk(
    [
      ...ofKinds(mute).map(describeMute),
      ...narrow.map(({ way }) => describeNarrow(way)),
      ...ofKinds(noTcp.map(({ way }) => way)).map(describeNoTcp),
    ],
    `the largest packets pass to and from ${count(answering.length, "other node")}`,
  );
}

const NO_ANSWERS: WayAnswers = { small: "silent", full: "silent", tcp: "silent" };

interface SameKind {
  readonly kind: string;
  readonly names: string;
}

function ofKinds(ways: readonly WayToNode[]): SameKind[] {
  return [...Map.groupBy(ways, ({ kind }) => kind)].map(([kind, same]) => ({
    kind,
    names: listSome(same.map(({ name, to }) => `${name} (${formatAddress(to)})`)),
  }));
}

function describeMute({ kind, names }: SameKind): Finding {
  if (kind === "direct")
    return ok(`no answer from ${names}: a firewall there may keep silent, or the node is down`);
  return warning(`no answer through the tunnel (${kind}) from ${names}`, {
    meaning: "pods there are not reached, unless only the node itself keeps silent behind a firewall",
    command: `let ${TUNNEL_PACKETS[kind] ?? kind} pass between the nodes: in firewalls, in the cloud's rules, and in hypervisors, some of which keep VXLAN's ports for themselves ("vxlan.port" changes it)`,
  });
}

/** What of each kind of tunnel is seen outside. */
const TUNNEL_PACKETS: Readonly<Record<string, string>> = {
  vxlan: "UDP to the VXLAN port (8472 unless configured)",
};

function describeNarrow({ name, to, mtu }: WayToNode): Finding {
  return fault(
    `packets of ${mtu} bytes do not pass to node ${name} (${formatAddress(to)}), smaller ones do`,
    {
      meaning: "large transfers between pods of these nodes hang",
      command:
        'raise the MTU of what is between the nodes, or lower it on their uplinks; or set "mtu" in the cluster\'s configuration',
    },
  );
}

function describeNoTcp({ kind, names }: SameKind): Finding {
  return warning(`TCP is not answered by ${names}, UDP is`, {
    meaning: "pods there may not be reached by TCP",
    command:
      kind === "direct"
        ? "look at the firewalls of both nodes and between them"
        : "look at the firewalls of both nodes; where they let TCP pass, a card or hypervisor breaks the checksums of tunnelled packets: ethtool -K UPLINK tx-udp_tnl-csum-segmentation off",
  });
}
