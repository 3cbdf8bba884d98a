/** The installation of this node, wherever it was put: by the receipt that `podwire install` has left. */

import { readlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { exists } from "../../linux/file.ts";
import { toFailure } from "../failure.ts";
import { readReceipt, receiptPath } from "./receipt.ts";
import { RUNTIMES } from "./runtimes.ts";

/** Leads to the receipt where it is in no directory of a runtime: in a directory that an agent's container has too. */
export const RECEIPT_POINTER = "/var/lib/cni/podwire-install.json";

export interface Receipt {
  readonly path: string;
  /** Of configuration lists. */
  readonly confDir: string;
  /** Of plugins; undefined where the receipt does not tell. */
  readonly binDir: string | undefined;
  /** Why it cannot be read; absent where it can. */
  readonly problem?: string;
}

/** True for a directory that {@link listReceipts} looks into by itself. */
export function isUsualConfDir(confDir: string): boolean {
  return RUNTIMES.some((runtime) => runtime.confDir === confDir);
}

/** Those that are there, that of the default directory first. */
export function listReceipts(): Receipt[] {
  const usual = RUNTIMES.map(({ confDir }) => confDir);
  return [...new Set([...usual, ...pointedConfDirs()])].flatMap((confDir) => readReceiptOf(confDir) ?? []);
}

/** Undefined where there is none. */
export function readReceiptOf(confDir: string): Receipt | undefined {
  const path = receiptPath(confDir);
  if (!exists(path)) return undefined;
  try {
    const executable = readReceipt(confDir).find((entry) => basename(entry.path) === "podwire");
    return { path, confDir, binDir: executable && dirname(executable.path) };
  } catch (error) {
    return { path, confDir, binDir: undefined, problem: toFailure(error).message };
  }
}

function pointedConfDirs(): string[] {
  try {
    return [dirname(dirname(readlinkSync(RECEIPT_POINTER)))];
  } catch {
    return []; // safe: no such link, so nothing was installed elsewhere
  }
}
