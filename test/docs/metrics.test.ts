/** The metrics that the documents name are those of the source. */

import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const namesIn = (files: readonly string[], pattern: RegExp) =>
  files
    .flatMap((file) => [...readFileSync(file, "utf8").matchAll(pattern)])
    .map(([, name]) => name)
    .toSorted();

test("install.md lists every metric of the agent when its table is complete", () => {
  const source = namesIn(globSync("src/agent/*metrics.ts"), /name: "(podwire_\w+)"/g);
  const rows = namesIn(["docs/install.md"], /`(podwire_\w+)(?:\{[^`]*)?`(?=[^\n]*\|)/g);
  expect(rows).toEqual(source);
});
