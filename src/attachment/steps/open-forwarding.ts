/** The bridge's way through other programs' chains that drop forwarded packets: there while it has pods. */

import { booleanField } from "../../cni/json.ts";
import {
  closeFile,
  exists,
  listFolder,
  makeFolder,
  OPEN,
  openFile,
  overwriteFile,
  readTextFileIfAny,
  removeFile,
} from "../../linux/file.ts";
import { lockDescriptor } from "../../linux/lock.ts";
import { netfilter } from "../../netlink/netfilter/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import {
  acceptForwarded,
  chainsWithoutRules,
  describeChain,
  withdrawForwarded,
} from "../../nftables/forward.ts";
import { isMark } from "../attachment.ts";
import { decodeBridgeName } from "../config/bridge.ts";
import { RECORD_ROOT } from "../record.ts";
import type { Removal, Step } from "../step.ts";

/** A file for each bridge that has rules: no name of a network begins with a dot. */
const MARKERS = `${RECORD_ROOT}/.forward`;
const LOCK = `${MARKERS}/lock`;
const LOCK_WAIT_MS = 10_000;

/** Stands before the veth pair, so that its removal comes after the pair's: then only others' ports are left. */
export const withdrawForwarding: Step = {
  name: "withdrawForwarding",

  del(removal) {
    const bridge = removal.record?.bridge ?? lenientBridge(removal);
    if (!exists(markerOf(bridge)) && !isAskedFor(removal)) return;
    const socket = removal.netfilter.getIfSupported();
    if (socket === undefined) return;
    withLock(() => {
      if (hasPods(bridge)) return;
      withdrawForwarded(socket, bridge);
      removeFile(markerOf(bridge));
    });
  },
};

/** Stands after the veth pair: a removal of the bridge's last other pod sees this one's port, or comes first. */
export const openForwarding: Step = {
  name: "openForwarding",

  add({ plan, trace }) {
    const { bridge, forward } = plan.config;
    if (!forward) return;
    using socket = NetlinkSocket.open(netfilter, { trace });
    withLock(() => {
      overwriteFile(markerOf(bridge), "");
      acceptForwarded(socket, bridge);
    });
  },

  check({ plan, trace }) {
    if (!plan.config.forward) return [];
    const { bridge } = plan.config;
    using socket = NetlinkSocket.open(netfilter, { trace });
    return chainsWithoutRules(socket, bridge).map(
      (chain) => `${describeChain(chain)} has no rule that accepts the packets of bridge "${bridge}"`,
    );
  },
};

function markerOf(bridge: string): string {
  return `${MARKERS}/${bridge}`;
}

/** Without a record the configuration is all that tells. */
function isAskedFor({ record, request }: Removal): boolean {
  if (record !== undefined) return record.forward === true;
  try {
    return booleanField(request.netconf, "forward");
  } catch {
    return false; // safe: a fault in the configuration must not fail a removal
  }
}

function lenientBridge({ request }: Removal): string {
  try {
    return decodeBridgeName(request.netconf);
  } catch {
    return ""; // safe: as above; no bridge has this name
  }
}

/** True where a port of the bridge bears a mark of ours; uplinks and others' ports do not. */
function hasPods(bridge: string): boolean {
  const aliasOf = (port: string) => readTextFileIfAny(`/sys/class/net/${port}/ifalias`) ?? "";
  return listFolder(`/sys/class/net/${bridge}/brif`).some((port) => isMark(aliasOf(port)));
}

/** One process at a time looks at the bridge's ports and acts on it. */
function withLock(action: () => void): void {
  makeFolder(MARKERS, 0o700);
  const fd = openFile(LOCK, OPEN.readWrite | OPEN.create);
  try {
    lockDescriptor(fd, LOCK, LOCK_WAIT_MS);
    action();
  } finally {
    closeFile(fd);
  }
}
