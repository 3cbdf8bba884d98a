/** What the help of a command says behind its options, part by part. */

import type { Command } from "commander";

/** `Examples:` with lines below it, or `Exit status:` with text behind it. */
export interface HelpPart {
  readonly heading: string;
  readonly text: string;
  /** Lines are to stay as they are. */
  readonly isVerbatim: boolean;
}

export function helpPartsOf(command: Command): readonly HelpPart[] {
  const parts = textAfterHelp(command)
    .trim()
    .split(/\n\n(?=[A-Z][a-z ]+:)/);
  return parts.filter((text) => text !== "").map(toPart);
}

function toPart(part: string): HelpPart {
  const end = part.indexOf(":");
  const rest = part.slice(end + 1);
  const isVerbatim = rest.startsWith("\n");
  return {
    heading: part.slice(0, end),
    text: isVerbatim ? withoutIndent(rest.slice(1)) : rest.trim(),
    isVerbatim,
  };
}

function withoutIndent(text: string): string {
  return text.replaceAll(/^ {2}/gm, "");
}

/** The library keeps what `addHelpText` was given to itself: it shows in the whole help alone. */
function textAfterHelp(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text.slice(command.helpInformation().length);
}
