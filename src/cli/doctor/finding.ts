/** What a check finds, and how one is written. */

import { enumerate } from "../format.ts";
import type { Level } from "../mark.ts";
import type { Facts } from "./facts.ts";
import type { Group } from "./groups.ts";

/** One thing of the node, as it should be or not. */
export interface Finding {
  readonly level: Level;
  readonly text: string;
  /** What it means for pods; empty where all is well. */
  readonly meaning: string;
  /** What mends it: a command, or in words what is to be changed; empty where nothing is to be mended. */
  readonly command: string;
  /** A line each, of which people see the first ones, and with --verbose all, also of what is well. */
  readonly details: readonly string[];
  /** Mends it without harm to anybody; gives what it did, a line each. Findings with the same one are mended together. */
  readonly fix?: () => readonly string[];
}

/** A look at one side of the node. It reads what it needs from the facts, and judges it by a pure function. */
export interface Check {
  /** What people restrict the command to. */
  readonly group: Group;
  /** Within its group; programs tell findings apart by it. */
  readonly name: string;
  run(facts: Facts): readonly Finding[] | Promise<readonly Finding[]>;
}

/** What is to be said of something that is not as it should be. */
export interface Trouble extends Pick<Finding, "meaning" | "command"> {
  readonly details?: readonly string[];
  readonly fix?: Finding["fix"];
}

export function ok(text: string, details: readonly string[] = []): Finding {
  return { level: "ok", text, meaning: "", command: "", details };
}

/** Pods are served, yet somebody should know. */
export function warning(text: string, trouble: Trouble): Finding {
  return toFinding("warning", text, trouble);
}

/** Pods are not served, or will not be. */
export function fault(text: string, trouble: Trouble): Finding {
  return toFinding("fault", text, trouble);
}

function toFinding(level: Level, text: string, { meaning, command, details = [], fix }: Trouble): Finding {
  return { level, text, meaning, command, details, ...(fix === undefined ? {} : { fix }) };
}

/** The troubles, or where there are none one line that says so. */
export function orOk(troubles: readonly Finding[], text: string, details?: readonly string[]): Finding[] {
  return troubles.length === 0 ? [ok(text, details)] : [...troubles];
}

/** What is one of many is named so often, and then counted. */
export const SHOWN_AT_MOST = 10;

/** `a, b and 3 more` */
export function listSome(names: readonly string[]): string {
  return enumerate(names, SHOWN_AT_MOST);
}

/** `1 address`, `2 addresses` */
export function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}
