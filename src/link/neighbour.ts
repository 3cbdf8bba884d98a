/** Neighbour tables: MAC address of an IP address on a link, and bridge port (fdb) of a MAC address. */

import type { Address } from "../addr/address.ts";
import { NetlinkError } from "../netlink/error.ts";
import { NUD } from "../netlink/route/neighbour.ts";
import { AF, addressFamily, type RouteSocket } from "../netlink/route/protocol.ts";

export interface Neighbour {
  /** Empty where there was no answer. */
  readonly mac: string;
  /** Its name as ip-neighbour(8) prints it. */
  readonly state: keyof typeof NUD;
}

/** What is known of an address on a link; like `ip neighbour get ADDRESS dev IFINDEX`. Undefined where there is no entry. */
export function getNeighbour(
  socket: RouteSocket,
  ndm_ifindex: number,
  address: Address,
): Neighbour | undefined {
  const body = { ndm_family: addressFamily(address.family), ndm_ifindex, NDA_DST: address };
  const [outcome] = socket.exchange([{ message: "RTM_GETNEIGH", body }]);
  const refusal = outcome?.refusal;
  if (refusal?.errno === "ENOENT") return undefined;
  if (refusal !== undefined) throw new NetlinkError(refusal);
  const [message] = socket.decode(outcome?.replies ?? [], "RTM_NEWNEIGH");
  const state = stateOf(message?.ndm_state ?? 0);
  return state === undefined ? undefined : { mac: message?.NDA_LLADDR ?? "", state };
}

function stateOf(bits: number): Neighbour["state"] | undefined {
  return Object.entries(NUD).find(([, bit]) => (bits & bit) !== 0)?.[0] as Neighbour["state"] | undefined; // `as`: a key of NUD
}

/** A MAC address that a bridge has seen or been told of. */
interface FdbEntry {
  readonly mac: string;
  /** ifindex of the port, or of the bridge itself. */
  readonly ifindex: number;
  /** 0 where the bridge tells no VLANs apart. */
  readonly vlan: number;
  /** The address is the interface's own: frames to it are for the node. */
  readonly isLocal: boolean;
}

/** What a bridge knows; like `bridge fdb show br BRIDGE`. */
export function listFdb(socket: RouteSocket, bridge: number): FdbEntry[] {
  const body = { ndm_family: AF.BRIDGE, NDA_MASTER: bridge };
  return socket.dump({ message: "RTM_GETNEIGH", body }, "RTM_NEWNEIGH").flatMap((message) => {
    const { ndm_ifindex: ifindex = 0, NDA_LLADDR: mac, NDA_VLAN: vlan = 0, ndm_state = 0 } = message;
    // What names no master is a filter of the interface's driver (NTF_SELF).
    if (mac === undefined || message.NDA_MASTER !== bridge) return [];
    return { mac, ifindex, vlan, isLocal: (ndm_state & NUD.PERMANENT) !== 0 };
  });
}
