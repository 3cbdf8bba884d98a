/** Test runner settings; run it under Bun: scripts/bun node_modules/vitest/vitest.mjs run test/unit. */

import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

const VM = "test/vm/**/*.test.ts";

/** Files that src imports as text; the compiler knows them by `with { type: "text" }`. */
const TEXT = {
  name: "text",
  enforce: "pre",
  load: (id: string) =>
    /\.(conflist|bash|zsh|fish)$/.test(id)
      ? `export default ${JSON.stringify(readFileSync(id, "utf8"))}`
      : undefined,
} as const;

// biome-ignore lint/style/noDefaultExport: the runner reads the default export
export default defineConfig({
  plugins: [TEXT],
  test: {
    pool: "forks",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: "host", include: ["test/**/*.test.ts"], exclude: [VM], maxWorkers: 2 },
      },
      // A virtual machine in each worker, for all its files: they wait for their cards a third of the time. None runs
      // beside tests that measure.
      {
        extends: true,
        test: { name: "vm", include: [VM], isolate: false, maxWorkers: 3, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
