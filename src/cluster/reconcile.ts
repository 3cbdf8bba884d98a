/** One round: from the nodes as they are known to the kernel as it has to be. */

import { type Address, type Family, formatAddress } from "../addr/address.ts";
import { familiesOf } from "../addr/prefix.ts";
import { ensureForwarding } from "../link/forwarding.ts";
import { type NetfilterSocket, netfilter } from "../netlink/netfilter/protocol.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { putClusterRanges } from "../nftables/cluster-ranges.ts";
import type { ClusterConfig } from "./config/config.ts";
import { NodeFacts } from "./kernel/facts.ts";
import { ClusterKernel } from "./kernel/kernel.ts";
import type { Desired } from "./model/desired.ts";
import { type Plan, planCluster } from "./model/plan.ts";
import type { OwnUplink, Surroundings } from "./model/way.ts";
import type { ClusterNode } from "./nodes/node.ts";
import type { NodeView } from "./sources/source.ts";
import { valueText } from "./value-text.ts";

export interface Round {
  /** Undefined while nothing is known of this node. */
  readonly plan: Plan | undefined;
  /** This node, with what was found of it. */
  readonly node: ClusterNode | undefined;
  readonly uplinks: readonly OwnUplink[];
  /** How many things of the kernel were changed. */
  readonly changes: number;
  /** Of this node: what a person must mend. */
  readonly problems: readonly string[];
  /** What could not be done; another try may. */
  readonly failures: readonly string[];
}

/** How much is looked at: what is known to be other; or all, as it is in the kernel. */
export type Depth = "known" | "all";

export class Reconciler {
  readonly #host: RouteSocket = NetlinkSocket.open(rtnetlink);
  readonly #netfilter: NetfilterSocket = NetlinkSocket.open(netfilter);
  readonly kernel = new ClusterKernel(this.#host);
  readonly #report: (line: string) => void;
  #surroundings: (Surroundings & { readonly facts: NodeFacts; readonly said: ClusterNode }) | undefined;
  #rangesAsTheyWere = "";

  /** `report`: called for settings of the node that had to be changed. */
  constructor(report: (line: string) => void) {
    this.#report = report;
  }

  [Symbol.dispose](): void {
    this.#host.close();
    this.#netfilter.close();
  }

  run(config: ClusterConfig, view: NodeView, depth: Depth): Round {
    if (view.own === undefined) return { ...IDLE, problems: view.problems };
    if (depth === "all" || this.#surroundings?.said !== view.own)
      this.#surroundings = this.#look(view.own, view.isOwnDerived, config);
    const surroundings = this.#surroundings;
    const { node: own, uplinks, facts } = surroundings;
    facts.lookUp(view.peers.flatMap(({ addresses }) => addresses));
    const nodeNetworks = facts.networks(own.ranges);
    const plan = planCluster({ config, surroundings, peers: view.peers, nodeNetworks });
    const missing = own.addresses.filter(({ family }) => uplinks[family] === undefined);
    // While the uplink is away, nothing of what was right before it went is wrong.
    const mayRemove = view.isComplete && missing.length === 0;
    const applied = this.kernel.apply(plan.desired, { mayRemove, isFull: depth === "all" });
    const failures = [...applied.problems, ...this.#keepSettings(own, plan.desired, depth)];
    const problems = [...view.problems, ...describeAddresses(own, missing), ...plan.problems];
    return { plan, node: own, uplinks: Object.values(uplinks), changes: applied.changes, problems, failures };
  }

  #look(said: ClusterNode, isDerived: boolean, config: ClusterConfig) {
    const facts = new NodeFacts(this.#host);
    const linkTo = (address: Address) => facts.linkTo(address);
    const addressed = isDerived ? withAddresses(said, facts, config) : said;
    const uplinks = uplinksOf(addressed, facts, config);
    const node = isDerived ? withMtu(addressed, Object.values(uplinks)) : addressed;
    return { said, node, facts, uplinks, linkTo };
  }

  #keepSettings({ ranges }: ClusterNode, desired: Desired, depth: Depth): string[] {
    try {
      ensureForwarding(this.#host, familiesOf(ranges), this.#report);
      this.#keepRanges(desired, depth);
      return [];
    } catch (error) {
      this.#rangesAsTheyWere = "";
      return [error instanceof Error ? error.message : String(error)];
    }
  }

  #keepRanges({ clusterRanges: pods, unmasqueraded: kept }: Desired, depth: Depth): void {
    const text = valueText([pods, kept]);
    if (depth === "known" && text === this.#rangesAsTheyWere) return;
    putClusterRanges(this.#netfilter, { pods, kept });
    this.#rangesAsTheyWere = text;
  }
}

const IDLE: Round = { plan: undefined, node: undefined, uplinks: [], changes: 0, problems: [], failures: [] };

/** With the addresses of the uplink that the configuration names; of the default route's interface where none is said. */
function withAddresses(said: ClusterNode, facts: NodeFacts, { uplink }: ClusterConfig): ClusterNode {
  if (uplink === undefined && said.addresses.length > 0) return said;
  return {
    ...said,
    addresses: ([4, 6] as const).flatMap((family) => facts.mainAddress(family, uplink) ?? []),
  };
}

function withMtu(node: ClusterNode, uplinks: readonly OwnUplink[]): ClusterNode {
  return uplinks.length === 0 ? node : { ...node, mtu: Math.min(...uplinks.map(({ mtu }) => mtu)) };
}

function uplinksOf(own: ClusterNode, facts: NodeFacts, { uplink }: ClusterConfig) {
  const uplinks: Partial<Record<Family, OwnUplink>> = {};
  for (const address of own.addresses) {
    const found = facts.uplinkFor(address, uplink);
    if (found !== undefined) uplinks[address.family] = found;
  }
  return uplinks;
}

/** `missing`: those that no interface has. */
function describeAddresses({ addresses }: ClusterNode, missing: readonly Address[]): string[] {
  if (addresses.length > 0) return missing.map(describeMissing);
  return [
    'this node has no address that others reach: give its uplink one and a default route, or set "uplink" in the cluster\'s configuration',
  ];
}

function describeMissing(address: Address): string {
  return `no interface has this node's address ${formatAddress(address)}, and no default route names one: set "uplink" in the cluster's configuration, or mend the address`;
}
