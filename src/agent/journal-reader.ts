/** Reads what plugin calls append to the journal, and keeps it short. */

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { RECORD_ROOT } from "../attachment/record/store.ts";
import { makeDirectory } from "../linux/directory.ts";
import { OPEN, openFile, removeFile, renameFile } from "../linux/file.ts";
import { JOURNAL, JOURNAL_LIMIT, type JournalEntry, parseJournalEntry } from "../plugin/journal.ts";

const DRAFT = `${JOURNAL}.new`;
const NEW_LINE = 10;

export class JournalReader {
  #fd: number;
  #offset = 0;
  /** The file before this one: a call may have opened it before it lost its name. */
  #earlier: { readonly fd: number; offset: number } | undefined;

  /** Begins a journal; from now on calls write to it. */
  constructor() {
    makeDirectory(RECORD_ROOT, 0o700);
    this.#fd = begin();
  }

  /** The whole lines since the last call. */
  read(): JournalEntry[] {
    const rest = this.#readEarlier();
    const { entries, offset } = readFrom(this.#fd, this.#offset);
    this.#offset = offset;
    if (offset > JOURNAL_LIMIT / 2 || !this.#hasName()) this.#turn();
    return [...rest, ...entries];
  }

  /** False once the file was removed or replaced: what calls write then is read by no agent. */
  #hasName(): boolean {
    const named = statSync(JOURNAL, { throwIfNoEntry: false });
    return named?.ino === fstatSync(this.#fd).ino;
  }

  #turn(): void {
    this.#earlier = { fd: this.#fd, offset: this.#offset };
    this.#fd = begin();
    this.#offset = 0;
  }

  #readEarlier(): JournalEntry[] {
    if (this.#earlier === undefined) return [];
    const { fd, offset } = this.#earlier;
    const { entries } = readFrom(fd, offset);
    closeSync(fd);
    this.#earlier = undefined;
    return entries;
  }

  /** Ends the journal: calls write nothing any more. */
  [Symbol.dispose](): void {
    removeFile(JOURNAL);
    this.#readEarlier();
    closeSync(this.#fd);
  }
}

/** An empty file in place of the one that is there. */
function begin(): number {
  closeSync(openFile(DRAFT, OPEN.create | OPEN.truncate));
  renameFile(DRAFT, JOURNAL);
  return openSync(JOURNAL, "r");
}

function readFrom(fd: number, offset: number): { entries: JournalEntry[]; offset: number } {
  const bytes = new Uint8Array(Math.max(0, fstatSync(fd).size - offset));
  const length = bytes.length === 0 ? 0 : readSync(fd, bytes, 0, bytes.length, offset);
  const end = bytes.subarray(0, length).lastIndexOf(NEW_LINE) + 1;
  const lines = new TextDecoder().decode(bytes.subarray(0, end)).split("\n");
  return { entries: lines.flatMap((line) => parseJournalEntry(line) ?? []), offset: offset + end };
}
