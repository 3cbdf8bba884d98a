/** Directories that podwire reads and writes: there, of the right mode, on a file system that serves. */

import { chmodSync, statfsSync, statSync } from "node:fs";
import { RECORD_ROOT } from "../../../../attachment/record/store.ts";
import { DEFAULT_DATA_DIR } from "../../../../ipam/store.ts";
import { exists } from "../../../../linux/file.ts";
import { POOL_DIR } from "../../../../network/usage.ts";
import type { Facts } from "../../facts.ts";
import { type Check, count, type Finding, fault, orOk, warning } from "../../finding.ts";
import { type Mount, mountOf, readMounts } from "./mounts.ts";

const GROUP = "directories";

export const DIRECTORY_CHECKS: readonly Check[] = [
  { group: GROUP, name: "state", run: (facts) => judgeDirectories(readDirectories(facts)) },
];

/** A directory that podwire writes to, and the file system that it is on, or will be. */
export interface StateDirectory {
  readonly path: string;
  /** podwire's own: its mode is ours to set. */
  readonly isOwn: boolean;
  /** What is kept there ends with the node's boot. */
  readonly isVolatile: boolean;
  /** Undefined where it is not there yet: the first ADD makes it. */
  readonly mode: number | undefined;
  readonly isDirectory: boolean;
  readonly mount: Mount | undefined;
  /** Shares that are free, 0 to 1. */
  readonly freeSpace: number;
  readonly freeInodes: number;
}

function readDirectories({ directories, pools }: Facts): StateDirectory[] {
  const mounts = readMounts();
  const dataDirs = pools().map(({ pool }) => pool.dataDir);
  const lasting = [...new Set([directories.configDir, DEFAULT_DATA_DIR, POOL_DIR, ...dataDirs])];
  return [
    readDirectory(RECORD_ROOT, { isOwn: true, isVolatile: true }, mounts),
    ...lasting.map((path) =>
      readDirectory(
        path,
        { isOwn: path === directories.configDir || path === POOL_DIR, isVolatile: false },
        mounts,
      ),
    ),
  ];
}

function readDirectory(
  path: string,
  kind: Pick<StateDirectory, "isOwn" | "isVolatile">,
  mounts: readonly Mount[],
): StateDirectory {
  const status = statSync(path, { throwIfNoEntry: false });
  const { bavail, blocks, ffree, files } = statfsSync(nearest(path));
  return {
    path,
    ...kind,
    mode: status === undefined ? undefined : status.mode & 0o7777,
    isDirectory: status?.isDirectory() ?? true,
    mount: mountOf(mounts, path),
    freeSpace: blocks === 0 ? 1 : bavail / blocks,
    freeInodes: files === 0 ? 1 : ffree / files,
  };
}

/** The path or the directory above it that is there. */
function nearest(path: string): string {
  return path === "" || exists(path) ? path || "/" : nearest(path.slice(0, path.lastIndexOf("/")));
}

export function judgeDirectories(directories: readonly StateDirectory[]): Finding[] {
  const troubles = directories.flatMap((directory) => [
    ...judgeMode(directory),
    ...judgeMount(directory),
    ...judgeRoom(directory),
  ]);
  return orOk(
    troubles,
    `${count(directories.length, "directory")} that podwire writes to`,
    directories.map(
      ({ path, mode, mount }) =>
        `${path}: ${mode === undefined ? "not there yet" : toOctal(mode)}, ${mount?.type}`,
    ),
  );
}

function toOctal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

const WRITABLE_BY_OTHERS = 0o022;

function judgeMode({ path, isOwn, mode, isDirectory }: StateDirectory): Finding[] {
  if (!isDirectory)
    return [
      fault(`${path} is no directory`, { meaning: "every ADD fails", command: `mv ${path} ${path}.saved` }),
    ];
  if (!isOwn || mode === undefined || (mode & WRITABLE_BY_OTHERS) === 0) return [];
  return [
    warning(`${path} has mode ${toOctal(mode)}: others than root may write to it`, {
      meaning: "whoever writes there chooses networks and addresses of pods, or removes them",
      command: `chmod go-w ${path}`,
      fix: () => restrict(path),
    }),
  ];
}

function restrict(path: string): string[] {
  const mode = statSync(path).mode & 0o7777 & ~WRITABLE_BY_OTHERS;
  chmodSync(path, mode);
  return [`set the mode of ${path} to ${toOctal(mode)}`];
}

function judgeMount({ path, isVolatile, mount }: StateDirectory): Finding[] {
  if (mount === undefined) return [];
  const { target, type, options } = mount;
  const readOnly = options.includes("ro")
    ? [
        fault(`${path} is on a read-only file system, mounted at ${target}`, {
          meaning: "every ADD and DEL fails",
          command: `mount -o remount,rw ${target}`,
        }),
      ]
    : [];
  if (!isVolatile || VOLATILE.includes(type)) return readOnly;
  return [
    ...readOnly,
    warning(`${path} is on ${type}, and outlives a boot`, {
      meaning: "records of pods that the boot has ended keep their addresses until podwire gc removes them",
      command: "mount a tmpfs at /run",
    }),
  ];
}

const VOLATILE: readonly string[] = ["tmpfs", "ramfs"];

const SCARCE = 0.05;

function judgeRoom({ path, mount, freeSpace, freeInodes }: StateDirectory): Finding[] {
  return [
    { what: "space", free: freeSpace, option: "-h" },
    { what: "inodes", free: freeInodes, option: "-i" },
  ].flatMap(({ what, free, option }) => {
    if (free >= SCARCE) return [];
    const trouble = {
      meaning:
        "without any an ADD can write neither its record nor its address, and fails: remove files there",
      command: `df ${option} ${mount?.target ?? path}`,
    };
    const left = `${Math.floor(free * 100)} % of the ${what} left`;
    return free === 0 ? [fault(`${path}: no ${what} left`, trouble)] : [warning(`${path}: ${left}`, trouble)];
  });
}
