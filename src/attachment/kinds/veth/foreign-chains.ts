/** Chains of other programs that would drop the packets that pods send through the node. */

import type { Prefix } from "../../../addr/prefix.ts";
import { describeChain } from "../../../firewall/chains.ts";
import { chainsBlocking } from "../../../firewall/chains-blocking.ts";
import { LazySocket } from "../../../netlink/lazy.ts";
import { netfilter } from "../../../netlink/netfilter/protocol.ts";
import type { Output } from "../../output.ts";

/** `ingress`: the interface that the pods' packets enter the node by. */
export function checkForeignChains(
  ingress: string,
  prefixes: readonly Prefix[],
  { trace }: Output,
): string[] {
  using lazy = new LazySocket(netfilter, { trace });
  const socket = lazy.getIfSupported();
  const chains = socket === undefined ? [] : chainsBlocking(socket, { bridge: ingress, prefixes });
  return chains.map(
    (chain) => `${describeChain(chain)} drops what pods send through the node: set "forward": true`,
  );
}
