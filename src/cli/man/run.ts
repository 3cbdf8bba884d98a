/** `podwire man`: the manual page on standard output. */

import { PODWIRE } from "../commands.ts";
import { dateText, versionNumber } from "../version.ts";
import { formatPage } from "./page.ts";

export function runMan(): void {
  process.stdout.write(formatPage(PODWIRE, { version: versionNumber(), date: dateText() }));
}
