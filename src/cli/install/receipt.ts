/** What was installed, and what was there before: `<conf-dir>/podwire.d/install.json`. */

import { readTextFileIfAny, removeFile } from "../../linux/file.ts";
import { refused } from "../failure.ts";
import { isObject } from "./conflist.ts";
import { putFile } from "./files.ts";

export interface Entry {
  readonly path: string;
  /** Of what was installed: `sha256:…`, or `link:…` and where it leads. */
  readonly digest: string;
  /** Where that is kept which was there before; absent where nothing was. */
  readonly former?: string;
}

export function receiptPath(confDir: string): string {
  return `${confDir}/podwire.d/install.json`;
}

/** In the order of installation; none where nothing was installed. @throws {Failure} the file is garbled */
export function readReceipt(confDir: string): readonly Entry[] {
  const path = receiptPath(confDir);
  const text = readTextFileIfAny(path);
  if (text === undefined) return [];
  try {
    const { files } = JSON.parse(text);
    if (Array.isArray(files) && files.every(isEntry)) return files;
  } catch {
    // safe: refused below as any other garbled text
  }
  throw refused(
    `${path}: want {"files": [{"path", "digest", "former"}]}`,
    "remove the file; nothing of it is restored then",
  );
}

function isEntry(value: unknown): value is Entry {
  return isObject(value) && typeof value.path === "string" && typeof value.digest === "string";
}

/** Removed where no entry is left. */
export function writeReceipt(confDir: string, files: readonly Entry[]): void {
  const path = receiptPath(confDir);
  const text = `${JSON.stringify({ files }, undefined, 2)}\n`;
  if (files.length === 0) removeFile(path);
  else putFile(path, { kind: "text", text, mode: 0o644 });
}
