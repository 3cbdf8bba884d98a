/** What other programs' rulesets do to the packets that pods send through the node. */

import type { Prefix } from "../addr/prefix.ts";
import type { Output } from "../attachment/output.ts";
import { type Chain, describeChain, listChains } from "../firewall/chains.ts";
import { chainsBlocking, chainsRejecting } from "../firewall/chains-blocking.ts";
import { ownedOf } from "../firewall/owned-tables.ts";
import { LazySocket } from "../netlink/lazy.ts";
import { type NetfilterSocket, netfilter } from "../netlink/netfilter/protocol.ts";

/** Where a network's pods send from. */
export interface Sender {
  /** The interface that their packets enter the node by. */
  readonly entry: string;
  readonly subnets: readonly Prefix[];
  /** ADDs make ways for its pods, so that only chains which nobody else may change are in theirs. */
  readonly forward: boolean;
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
  /** Nobody but the process that owns its table may change it. */
  readonly isOwned?: true;
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
  const chains = listChains(socket);
  const obstacles = senders.flatMap((sender) => obstaclesTo(socket, sender, chains));
  const isOfServices = ({ table, name }: Chain) => table === "kube-proxy" || name === "KUBE-SERVICES";
  return { obstacles, hasKubeProxy: chains.some(isOfServices) };
}

function obstaclesTo(
  socket: NetfilterSocket,
  { entry, subnets, forward }: Sender,
  chains: readonly Chain[],
): Obstacle[] {
  const pods = { bridge: entry, prefixes: subnets };
  const blocking = chainsBlocking(socket, pods);
  const all = [...blocking, ...chainsRejecting(socket, pods)];
  const owned = ownedOf(socket, all);
  return (forward ? owned : all).map((chain) => ({
    entry,
    chain: describeChain(chain),
    program: programOf(chain, chains),
    isByPolicy: blocking.includes(chain),
    ...(owned.includes(chain) ? { isOwned: true } : {}),
  }));
}

/** By what each program calls its chains or its table. */
const PROGRAMS: Readonly<Record<string, RegExp>> = {
  Docker: /^DOCKER/,
  ufw: /^ufw6?-/,
  Calico: /^cali-/,
};

function programOf({ family, table }: Chain, chains: readonly Chain[]): string {
  if (table === "firewalld") return table;
  const names = chains.filter((chain) => chain.family === family && chain.table === table);
  const found = Object.entries(PROGRAMS).find(([, pattern]) => names.some(({ name }) => pattern.test(name)));
  return found?.[0] ?? "";
}
