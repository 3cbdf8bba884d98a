/**
 * Copies of executables whose page cache is laid out alike: what a program's first faults brought in lies in small
 * pieces, what was just written in large ones, and that alone moves its start by a tenth.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

export class FreshCopy {
  readonly directory: string;

  constructor(files: readonly string[]) {
    this.directory = mkdtempSync(join(tmpdir(), "podwire-copy-"));
    for (const file of files) writeFileSync(this.path(file), readFileSync(file), { mode: 0o755 });
  }

  /** Where the copy of `file` is. */
  path(file: string): string {
    return join(this.directory, basename(file));
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }
}
