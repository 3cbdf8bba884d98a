/** Files in their places: told apart by digest, put there whole, kept and brought back. */

import { createHash } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** What a file is to be. */
export type Content =
  | { readonly kind: "copy"; readonly from: string; readonly mode: number }
  | { readonly kind: "text"; readonly text: string; readonly mode: number }
  | { readonly kind: "link"; readonly target: string };

const CHUNK = 1024 * 1024;

/** `sha256:…` of a file's bytes, `link:…` of a symbolic link; undefined where there is nothing. */
export function digestOf(path: string): string | undefined {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (status.isSymbolicLink()) return `link:${readlinkSync(path)}`;
  return digestOfBytes(path);
}

/** What {@link digestOf} gives once the content is in place. */
export function wantedDigest(content: Content): string {
  if (content.kind === "link") return `link:${content.target}`;
  if (content.kind === "copy") return digestOfBytes(content.from);
  return `sha256:${createHash("sha256").update(content.text).digest("hex")}`;
}

/** Of files that were read already: an executable has a hundred megabytes. */
const known = new Map<string, { readonly stamp: string; readonly digest: string }>();

function digestOfBytes(path: string): string {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  const stamp = `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  const before = known.get(path);
  if (before?.stamp === stamp) return before.digest;
  const digest = readDigest(path);
  known.set(path, { stamp, digest });
  return digest;
}

function readDigest(path: string): string {
  const hash = createHash("sha256");
  eachChunk(path, (chunk) => hash.update(chunk));
  return `sha256:${hash.digest("hex")}`;
}

function eachChunk(path: string, use: (chunk: Uint8Array) => void): void {
  const fd = openSync(path, "r");
  const buffer = new Uint8Array(CHUNK);
  try {
    for (;;) {
      const length = readSync(fd, buffer);
      if (length === 0) return;
      use(buffer.subarray(0, length));
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts a file in place by a hidden file beside it, fsync and rename: nobody meets half of it, and what runs keeps
 * running. Bytes are written, not cloned, so that they are in the page cache for the first call.
 */
export function putFile(path: string, content: Content): void {
  const draft = join(dirname(path), `.${basename(path)}.new`);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(draft, { force: true });
  if (content.kind === "link") symlinkSync(content.target, draft);
  else writeDraft(draft, content);
  renameSync(draft, path);
  syncDirectory(dirname(path));
}

function writeDraft(draft: string, content: Exclude<Content, { kind: "link" }>): void {
  const fd = openSync(draft, "wx", 0o600);
  try {
    if (content.kind === "text") writeAll(fd, new TextEncoder().encode(content.text));
    else eachChunk(content.from, (chunk) => writeAll(fd, chunk));
    fchmodSync(fd, content.mode);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
}

function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** What is at `path`, as something that can be put elsewhere. */
export function contentOf(path: string): Content {
  const status = lstatSync(path);
  if (status.isSymbolicLink()) return { kind: "link", target: readlinkSync(path) };
  return { kind: "copy", from: path, mode: status.mode & 0o7777 };
}
