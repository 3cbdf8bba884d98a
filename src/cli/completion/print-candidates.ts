/** `podwire complete`: what the scripts for shells ask. */

import type { Call } from "../command.ts";
import { PODWIRE } from "../commands.ts";
import { complete, toLines } from "./complete.ts";
import { valuesOnNode } from "./values.ts";

export function printCandidates({ args: [words] }: Call<object, [words: readonly string[]]>): void {
  for (const line of toLines(complete(PODWIRE, words, valuesOnNode))) console.log(line);
}
