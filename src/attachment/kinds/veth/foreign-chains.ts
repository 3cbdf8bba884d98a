/** Chains of other programs that would drop the packets that pods send through the node. */

import type { Prefix } from "../../../addr/prefix.ts";
import { type Chain, describeChain } from "../../../firewall/chains.ts";
import { chainsBlocking, chainsRejecting } from "../../../firewall/chains-blocking.ts";
import { ownedOf } from "../../../firewall/owned-tables.ts";
import { LazySocket } from "../../../netlink/lazy.ts";
import { netfilter } from "../../../netlink/netfilter/protocol.ts";
import type { Output } from "../../output.ts";

interface Pods {
  /** The interface that their packets enter the node by. */
  readonly ingress: string;
  readonly prefixes: readonly Prefix[];
  /** Their ADDs make ways through foreign chains, where these can be changed. */
  readonly forward: boolean;
}

/** Each in words, with what to do. */
export function checkForeignChains({ ingress, prefixes, forward }: Pods, { trace }: Output): string[] {
  using lazy = new LazySocket(netfilter, { trace });
  const socket = lazy.getIfSupported();
  if (socket === undefined) return [];
  const pods = { bridge: ingress, prefixes };
  const blocking = chainsBlocking(socket, pods);
  const owned = ownedOf(socket, forward ? [...blocking, ...chainsRejecting(socket, pods)] : blocking);
  const open = forward ? [] : blocking.filter((chain) => !owned.includes(chain));
  return [
    ...open.map((chain) => `${describeChain(chain)} ${DROPS}: set "forward": true`),
    ...owned.map(
      (chain) =>
        `${describeChain(chain)} ${DROPS}, and only the process that owns it may change it: ${wayIn(chain, ingress)}`,
    ),
  ];
}

const DROPS = "drops what pods send through the node";

function wayIn({ table }: Chain, ingress: string): string {
  return table === "firewalld"
    ? `firewall-cmd --permanent --zone=trusted --add-interface=${ingress} && firewall-cmd --reload, or NftablesTableOwner=no in firewalld.conf`
    : `accept interface "${ingress}" there`;
}
