/** `podwire network delete`: takes away a network that nobody uses. */

import { rmSync } from "node:fs";
import { sweepUplinks } from "../../attachment/leftovers/sweep-uplinks.ts";
import { IpamStore } from "../../ipam/store.ts";
import { rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { listNetworks, NETWORKS, readDefaultNetwork } from "../../network/files/read-files.ts";
import { ConfigLock, clearDefaultNetwork, hasFile, removeNetwork } from "../../network/files/write-files.ts";
import { POOL_DIR } from "../../network/usage.ts";
import type { Call } from "../command.ts";
import { type ConfirmOptions, requireYes } from "../confirm.ts";
import { requireUnused } from "./holders.ts";
import { requireNetwork } from "./require.ts";

export function deleteNetwork({ args: [name], options }: Call<ConfirmOptions, [name: string]>): void {
  const { configDir } = options;
  // A file that is wrong can be deleted too.
  if (!hasFile(configDir, NETWORKS, { name })) requireNetwork(configDir, name);
  requireUnused(configDir, name);
  requireYes(options, `Delete network "${name}"?`);
  using _lock = ConfigLock.take(configDir);
  // Pods may have come while the person thought; none can until the pool is open again, and then the file is gone.
  using pool = IpamStore.open(POOL_DIR, name, console.error);
  requireUnused(configDir, name, pool);
  const wasDefault = readDefaultNetwork(configDir) === name;
  if (wasDefault) clearDefaultNetwork(configDir);
  removeNetwork(configDir, name);
  rmSync(pool.directory, { recursive: true }); // a network of the same name begins anew
  releaseInterfaces(configDir);
  console.log(`network "${name}" deleted${wasDefault ? "; there is no default network now" : ""}`);
}

/** A bridge or VLAN interface goes with the last network on it; where a file is wrong it is not known which is the last. */
function releaseInterfaces(configDir: string): void {
  const { networks, faults } = listNetworks(configDir);
  if (faults.length > 0) return;
  using socket = NetlinkSocket.open(rtnetlink);
  for (const what of sweepUplinks(socket, networks)) console.log(`${what} removed`);
}
