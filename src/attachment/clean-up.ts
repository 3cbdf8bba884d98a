/** What pods of earlier days left on a node: their attachments, virtual functions and places on uplinks. */

import { exists } from "../linux/file.ts";
import { listNetworks as listNamed } from "../network/files.ts";
import { distinct } from "./addressing.ts";
import { describeAttachment } from "./attachment.ts";
import { openSockets, type RemovalSockets, removeAttachment } from "./del.ts";
import { toCniError } from "./errors.ts";
import type { Output } from "./output.ts";
import { type AttachmentRecord, listNetworks, listRecords } from "./record.ts";
import { returnStrayVfs } from "./release-vf.ts";
import { removalRequestOf } from "./removal-request.ts";
import { sweepUplinks } from "./sweep.ts";

/** One thing that was, or could not be, removed. */
export interface CleanedUp {
  readonly what: string;
  /** Absent where it is gone. */
  readonly problem?: string;
}

export interface CleanUpOptions {
  /** Where networks by name are. */
  readonly configDir: string;
  /** Folders of plugins that may have given the addresses. */
  readonly path: readonly string[];
}

/** Removes every attachment whose network namespace is gone, then what no attachment has any more; wants `output.named`. */
export function cleanUp({ configDir, path }: CleanUpOptions, output: Output): CleanedUp[] {
  using sockets = openSockets(output);
  const dead = distinct(
    // Those that came with another one go with that.
    listNetworks()
      .flatMap(listRecords)
      .filter(isDead)
      .map((record) => ({ ...record, ifname: record.primary ?? record.ifname })),
    (a, b) => describeAttachment(a) === describeAttachment(b),
  );
  const removed = dead.map((record) => remove(record, { sockets, output, path }));
  const returned = returnStrayVfs(output).map(({ ifname, problem }) =>
    toCleanedUp(`virtual function ${ifname}`, problem),
  );
  const { networks, faults } = listNamed(configDir);
  // A network whose file is wrong may be the one that has the uplink.
  const swept = faults.length > 0 ? [] : sweepUplinks(sockets.host, networks);
  return [...removed, ...returned, ...swept.map((what) => ({ what }))];
}

/** Where not even the folder of the namespace is in sight, nothing is known: a container may not see it. */
function isDead({ netns }: AttachmentRecord): boolean {
  const folder = netns.slice(0, netns.lastIndexOf("/"));
  return folder !== "" && exists(folder) && !exists(netns);
}

interface Means {
  readonly sockets: RemovalSockets;
  readonly output: Output;
  readonly path: readonly string[];
}

function remove(record: AttachmentRecord, { sockets, output, path }: Means): CleanedUp {
  const what = `attachment ${describeAttachment(record)}`;
  try {
    removeAttachment(removalRequestOf(record, "", path), sockets, output);
    return { what };
  } catch (error) {
    return { what, problem: toCniError(error).message };
  }
}

function toCleanedUp(what: string, problem: string | undefined): CleanedUp {
  return problem === undefined ? { what } : { what, problem };
}
