/** A folder of networks, tiers and endpoints for one test, as a person would have written the files. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export class ConfigFolder {
  readonly dir = mkdtempSync(join(tmpdir(), "podwire-config-"));

  /** `path` below the folder; text as it is, anything else as JSON. */
  put(path: string, content: object | string): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true });
    writeFileSync(join(this.dir, path), typeof content === "string" ? content : JSON.stringify(content));
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true });
  }
}
