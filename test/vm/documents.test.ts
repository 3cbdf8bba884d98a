/** Commands in the documents that need cards and VLANs print what they say; PODWIRE_DOCS=write puts what they print there. */

import { expect, test } from "vitest";
import { blocksOf, DOCUMENTS, exchangesOf, readDocument } from "../support/docs/document.ts";
import { describeDifference, runAll, writeOutputs } from "../support/docs/terminal.ts";
import { Vm } from "../support/vm/vm.ts";

/** A machine that is emulated takes its time. */
const TIMEOUT_MS = 300_000;
const withCommands = DOCUMENTS.filter((path) => exchangesIn(path).length > 0);

function exchangesIn(path: string) {
  return blocksOf(readDocument(path))
    .filter(({ info }) => info === "console vm" || info === "run vm")
    .flatMap(exchangesOf);
}

test.for(withCommands)(
  "the commands of %s that need cards print what it says",
  { timeout: TIMEOUT_MS },
  async (path) => {
    const vm = await Vm.shared();
    const shell = async (script: string) => (await vm.run(script, { timeoutMs: TIMEOUT_MS })).stdout;
    const differences = await runAll(exchangesIn(path), shell);
    if (process.env.PODWIRE_DOCS === "write") writeOutputs(path, differences);
    expect(differences.map(describeDifference).join("\n")).toBe("");
  },
);
