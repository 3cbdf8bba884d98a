/** Documents that a person may have written, read strictly: each fault names file, field and what is wrong. */

import { CNI_ERROR } from "../../error/code.ts";
import { PodwireError } from "../../error/podwire-error.ts";
import type { Located } from "../../json/located.ts";
import type { Reading } from "../../json/reading.ts";

/** A file that does not say what it must. */
export class InvalidFile extends PodwireError {
  override readonly name = "InvalidFile";
  /** The file's path, or what stands for it where the object comes from elsewhere. */
  readonly file: string;
  /** `ranges[0].start`; empty for the document as a whole. */
  readonly field: string;
  readonly problem: string;

  constructor(file: string, field: string, problem: string) {
    super(`${file}: ${field === "" ? "" : `${field}: `}${problem}`, {
      code: CNI_ERROR.invalidNetconf,
      advice: "correct the file; podwire network list and podwire doctor read it again",
    });
    this.file = file;
    this.field = field;
    this.problem = problem;
  }
}

/** The whole document. @throws {InvalidFile} no JSON */
export function parseDocument(file: string, text: string): Located {
  try {
    return documentOf(file, JSON.parse(text));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new InvalidFile(file, "", `is no JSON: ${problem}`);
  }
}

/** A document whose faults are those of `file`. */
export function documentOf(file: string, value: unknown): Located {
  return { path: "", value, reading: readingOf(file) };
}

function readingOf(file: string): Reading {
  return {
    ignoresCase: false,
    ignoresNull: false,
    describe: (wanted, got) => `want ${wanted}, got ${JSON.stringify(got)}`,
    fault: (path, problem) => new InvalidFile(file, path, problem),
  };
}
