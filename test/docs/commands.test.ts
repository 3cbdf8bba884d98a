/** Every command in the documents prints what they say; PODWIRE_DOCS=write puts what they print there. */

import { expect, test } from "vitest";
import { blocksOf, DOCUMENTS, exchangesOf, readDocument } from "../support/docs/document.ts";
import { createDocumentNode, shellOn } from "../support/docs/document-node.ts";
import { describeDifference, runAll, writeOutputs } from "../support/docs/terminal.ts";

const withCommands = DOCUMENTS.filter((path) => exchangesIn(path).length > 0);

function exchangesIn(path: string) {
  return blocksOf(readDocument(path))
    .filter(({ info }) => info === "console" || info === "run")
    .flatMap(exchangesOf);
}

test.for(withCommands)("the commands of %s print what it says", async (path) => {
  await using node = await createDocumentNode();
  const differences = await runAll(exchangesIn(path), shellOn(node));
  if (process.env.PODWIRE_DOCS === "write") writeOutputs(path, differences);
  expect(differences.map(describeDifference).join("\n")).toBe("");
});
