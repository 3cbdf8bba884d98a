/** Tells when something in a set of directories has changed, after it has calmed down. */

import { type FSWatcher, mkdirSync, watch } from "node:fs";

/** A directory in which one thing changes is mostly not done yet. */
const CALM_MS = 100;

export class DirectoryWatch {
  readonly #directories: readonly string[];
  readonly #changed: () => void;
  readonly #calmMs: number;
  #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(directories: readonly string[], changed: () => void, calmMs = CALM_MS) {
    this.#directories = [...new Set(directories)];
    this.#changed = changed;
    this.#calmMs = calmMs;
    this.#arm();
  }

  /** Anew after each change: a directory may have been removed and made again, and is another one then. */
  #arm(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = this.#directories.map((directory) => {
      mkdirSync(directory, { recursive: true });
      return watch(directory, (_event, name) => this.#wait(name));
    });
  }

  /** Hidden files are drafts of what gets its name by rename. */
  #wait(name: string | null): void {
    if (name?.startsWith(".") && name.endsWith(".new")) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#arm();
      this.#changed();
    }, this.#calmMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }
}
