/** The bridge's way through other programs' chains that drop forwarded packets: there while it has pods. */

import { closeFile, listFolder, OPEN, openFile } from "../../linux/file.ts";
import { lockDescriptor } from "../../linux/lock.ts";
import { netfilter } from "../../netlink/netfilter/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import {
  acceptForwarded,
  chainsWithoutRules,
  describeChain,
  withdrawForwarded,
} from "../../nftables/forward.ts";
import { hostIfnameOf } from "../attachment.ts";
import { RECORD_ROOT } from "../record.ts";
import type { Step } from "../step.ts";

const LOCK = `${RECORD_ROOT}/lock`;
const LOCK_WAIT_MS = 10_000;

export const openForwarding: Step = {
  name: "openForwarding",

  /** The port is there already: so a DEL of the bridge's last pod at the same time sees it, or comes first. */
  add({ plan, trace }) {
    if (!plan.config.forward) return;
    using socket = NetlinkSocket.open(netfilter, { trace });
    withLock(() => acceptForwarded(socket, plan.config.bridge));
  },

  check({ plan, trace }) {
    if (!plan.config.forward) return [];
    const { bridge } = plan.config;
    using socket = NetlinkSocket.open(netfilter, { trace });
    return chainsWithoutRules(socket, bridge).map(
      (chain) => `${describeChain(chain)} has no rule that accepts the packets of bridge "${bridge}"`,
    );
  },

  del({ attachment, record, netfilter: lazy }) {
    if (record?.forward !== true) return;
    const own = hostIfnameOf(attachment);
    const socket = lazy.get();
    withLock(() => {
      const others = listFolder(`/sys/class/net/${record.bridge}/brif`).filter((port) => port !== own);
      if (others.length === 0) withdrawForwarded(socket, record.bridge);
    });
  },
};

/** One process at a time looks at the bridge's ports and acts on it. */
function withLock(action: () => void): void {
  const fd = openFile(LOCK, OPEN.readWrite | OPEN.create);
  try {
    lockDescriptor(fd, LOCK, LOCK_WAIT_MS);
    action();
  } finally {
    closeFile(fd);
  }
}
