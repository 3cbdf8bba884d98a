/** Takes away what the agent made for the cluster: routes, tunnels, sets and what it has written down. */

import { ignoringErrno } from "../linux/error.ts";
import { removeFile } from "../linux/file.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { clearClusterRanges } from "../nftables/cluster-ranges.ts";
import { ClusterKernel } from "./kernel/kernel.ts";
import { NOTHING } from "./model/desired.ts";
import { readStatus, STATUS_FILE } from "./status.ts";

/** False where this node was in no cluster, and nothing was done. @throws {SyscallError} EPERM: no CAP_NET_ADMIN */
export function leaveCluster(): boolean {
  if (readStatus() === undefined) return false;
  using host = NetlinkSocket.open(rtnetlink);
  using rules = NetlinkSocket.open(netfilter);
  const { problems } = new ClusterKernel(host).apply(NOTHING, { mayRemove: true, isFull: true });
  if (problems.length > 0) throw new Error(problems.join("; "));
  ignoringErrno(() => clearClusterRanges(rules), undefined, "EPROTONOSUPPORT", "EOPNOTSUPP");
  removeFile(STATUS_FILE);
  return true;
}
