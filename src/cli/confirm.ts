/** The question before something is taken away. */

import { misused, refused } from "./failure.ts";

export interface ConfirmOptions {
  readonly yes?: true;
}

/** Returns where the person agrees, or said so beforehand. @throws {Failure} nobody can be asked, or the answer is no */
export function requireYes(options: ConfirmOptions, question: string): void {
  if (options.yes === true) return;
  if (!process.stdin.isTTY) throw misused(`${question}: there is no terminal to ask on`, "give --yes");
  if (!confirm(question)) throw refused("nothing was done");
}
