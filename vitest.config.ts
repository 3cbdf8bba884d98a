/** Test runner settings; run it under Bun: scripts/bun node_modules/vitest/vitest.mjs run test/unit. */

import { defineConfig } from "vitest/config";

// biome-ignore lint/style/noDefaultExport: the runner reads the default export
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
