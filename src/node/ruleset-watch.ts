/** Follows the changes that other programs make to the rulesets of this network namespace. */

import { MARK } from "../linux/mark.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { type Commit, CommitReader, NFNLGRP_NFTABLES } from "../netlink/netfilter/ruleset-events.ts";
import { KernelWatch } from "./kernel-watch.ts";

/** "unknown": some could not be read, as there were too many at once. */
export type Commits = readonly Commit[] | "unknown";

/** Those of foreign programs: plugin calls and commands keep rules whole themselves. */
export function foreignCommits(commits: Commits): Commits {
  return commits === "unknown" ? commits : commits.filter(({ program }) => program !== MARK);
}

/** True where a foreign program has changed a table of podwire, or may have. */
export function touchesOurTables(commits: Commits): boolean {
  const foreign = foreignCommits(commits);
  return foreign === "unknown" || foreign.some(({ tables }) => tables.has(MARK));
}

/**
 * From the return on no change is missed.
 * @throws {SyscallError} EPERM: no CAP_NET_ADMIN; EPROTONOSUPPORT: this kernel has no nfnetlink
 */
export function watchRulesets(changed: (commits: Commits) => void): KernelWatch {
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
