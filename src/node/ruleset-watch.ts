/** Follows the changes that other programs make to the rulesets of this network namespace. */

import { netfilter } from "../netlink/netfilter/protocol.ts";
import { type Commit, CommitReader, NFNLGRP_NFTABLES } from "../netlink/netfilter/ruleset-events.ts";
import { KernelWatch } from "./kernel-watch.ts";

/**
 * From the return on no change is missed. `changed`: "unknown" where some of them could not be read, as there were too many
 * at once.
 * @throws {SyscallError} EPERM: no CAP_NET_ADMIN; EPROTONOSUPPORT: this kernel has no nfnetlink
 */
export function watchRulesets(changed: (commits: readonly Commit[] | "unknown") => void): KernelWatch {
  let reader = new CommitReader();
  return new KernelWatch({
    protocol: netfilter.number,
    groups: [NFNLGRP_NFTABLES],
    told: (datagram) => {
      if (datagram !== "lost") return changed(reader.read(datagram));
      reader = new CommitReader(); // the rest of a transaction may be lost
      changed("unknown");
    },
  });
}
