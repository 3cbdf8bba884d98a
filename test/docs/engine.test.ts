/** engine/README.md against the directory. */

import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { readDocument } from "../support/docs/document.ts";

test("engine/README.md says of each file what it does, and of no other", () => {
  const cells = readDocument("engine/README.md").flatMap((line) => /^\| (`[^|]+) \|/.exec(line)?.[1] ?? []);
  const named = cells.flatMap((cell) => [...cell.matchAll(/`([\w.-]+)`/g)].map(([, name]) => name));
  const files = readdirSync("engine").filter((name) => !["README.md", "tsconfig.json"].includes(name));
  expect(named.toSorted()).toEqual(files.toSorted());
});
