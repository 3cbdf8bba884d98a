/** What other programs' rulesets do to the packets that pods send through the node. */

import type { Prefix } from "../addr/prefix.ts";
import type { Output } from "../attachment/output.ts";
import { LazySocket } from "../netlink/lazy.ts";
import { type NetfilterSocket, netfilter } from "../netlink/netfilter/protocol.ts";
import { type DroppingChain, describeChain } from "../nftables/forward.ts";
import { listChains } from "../nftables/ruleset.ts";
import { chainsUnawareOf, rejectingChainsUnawareOf } from "../nftables/unaware.ts";

/** Where a network's pods send from. */
export interface Sender {
  /** The interface that their packets enter the node by. */
  readonly entry: string;
  readonly subnets: readonly Prefix[];
}

/** A chain that lets nothing through that a network's pods send. */
export interface Obstacle {
  readonly entry: string;
  /** `chain FORWARD of table ip filter` */
  readonly chain: string;
  /** Whose it is by the names of its table's chains; empty where these tell nothing. */
  readonly program: string;
  /** By its policy, else by its last rule. */
  readonly isByPolicy: boolean;
}

export interface Firewall {
  readonly obstacles: readonly Obstacle[];
  /** kube-proxy serves Services by rules of nf_tables. */
  readonly hasKubeProxy: boolean;
}

/** Nothing where this kernel has no nf_tables. */
export function readFirewall(senders: readonly Sender[], { trace }: Output): Firewall {
  using lazy = new LazySocket(netfilter, { trace });
  const socket = lazy.getIfSupported();
  if (socket === undefined) return { obstacles: [], hasKubeProxy: false };
  const chains = listNames(socket);
  const obstacles = senders.flatMap(({ entry, subnets }) => {
    const toObstacle = (isByPolicy: boolean) => (chain: DroppingChain) => ({
      entry,
      chain: describeChain(chain),
      program: programOf(chain, chains),
      isByPolicy,
    });
    return [
      ...chainsUnawareOf(socket, entry, subnets).map(toObstacle(true)),
      ...rejectingChainsUnawareOf(socket, entry, subnets).map(toObstacle(false)),
    ];
  });
  const isOfServices = ({ table, name }: ChainName) => table === "kube-proxy" || name === "KUBE-SERVICES";
  return { obstacles, hasKubeProxy: chains.some(isOfServices) };
}

type ChainName = Pick<DroppingChain, "family" | "table" | "name">;

function listNames(socket: NetfilterSocket): ChainName[] {
  return listChains(socket).map(
    ({ nfgen_family: family = 0, NFTA_CHAIN_TABLE: table = "", NFTA_CHAIN_NAME: name = "" }) => ({
      family,
      table,
      name,
    }),
  );
}

/** By what each program calls its chains or its table. */
const PROGRAMS: Readonly<Record<string, RegExp>> = {
  Docker: /^DOCKER/,
  ufw: /^ufw6?-/,
  Calico: /^cali-/,
};

function programOf({ family, table }: DroppingChain, chains: readonly ChainName[]): string {
  if (table === "firewalld") return table;
  const names = chains.filter((chain) => chain.family === family && chain.table === table);
  const found = Object.entries(PROGRAMS).find(([, pattern]) => names.some(({ name }) => pattern.test(name)));
  return found?.[0] ?? "";
}
