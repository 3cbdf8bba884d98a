/** Objects on standard output: as a table for people, as JSON for programs. */

import { formatTable } from "./table.ts";

export interface OutputOptions {
  readonly json?: true;
}

/** How one sort of object is shown. */
export interface View<T> {
  readonly headers: readonly string[];
  toRow(object: T): readonly string[];
  toJson(object: T): unknown;
}

export function printList<T>(options: OutputOptions, view: View<T>, objects: readonly T[]): void {
  if (options.json === true) printJson(objects.map((object) => view.toJson(object)));
  else
    console.log(
      formatTable(
        view.headers,
        objects.map((object) => view.toRow(object)),
        isColourful(),
      ),
    );
}

export function printOne<T>(options: OutputOptions, view: View<T>, object: T): void {
  if (options.json === true) printJson(view.toJson(object));
  else printList(options, view, [object]);
}

/** @see https://no-color.org */
export function isColourful(): boolean {
  return process.stdout.isTTY && (process.env.NO_COLOR ?? "") === "";
}

export function printJson(value: unknown): void {
  console.log(JSON.stringify(value, undefined, 2));
}
