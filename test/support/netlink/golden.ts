/** Bytes that other programs exchanged with the kernel: the hex files of test/golden. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The bytes of `test/golden/<name>.hex`; its first line, a comment, says where they come from. */
export function readGolden(name: string): Uint8Array {
  const text = readFileSync(resolve("test/golden", `${name}.hex`), "utf8");
  return Uint8Array.fromHex(text.replace(/^#.*$/gm, "").replace(/\s/g, ""));
}
