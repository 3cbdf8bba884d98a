/** Addresses that some interface of this machine has now: of pods too that nobody has a record of. */

import { formatAddress } from "../addr/address.ts";
import { listLocalAddresses } from "../link/address.ts";
import { ignoringErrno } from "../linux/error.ts";
import { listNetworkNamespaces } from "../linux/namespaces.ts";
import { NetnsHandle } from "../linux/netns.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";

/** As text, from every network namespace. */
export function listLiveAddresses(): Set<string> {
  return new Set(listNetworkNamespaces().flatMap(addressesIn));
}

/** None where the namespace has ended since it was listed. */
function addressesIn(path: string): string[] {
  const list = () => {
    using netns = NetnsHandle.open(path);
    using socket = NetlinkSocket.open(rtnetlink, { netns });
    return listLocalAddresses(socket).map(formatAddress);
  };
  return ignoringErrno(list, [], "ENOENT", "ESRCH");
}
