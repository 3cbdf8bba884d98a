/** What a watch tells, as lines. */

import type { ApiObject, Identity } from "../../../src/kubernetes/object.ts";
import type { Handler } from "../../../src/kubernetes/view.ts";

export class Recorder implements Handler {
  /** `put a`, `remove a`, `synced`, `problem`, `recovered`. */
  readonly lines: string[] = [];
  readonly objects = new Map<string, ApiObject>();
  readonly problems: Error[] = [];
  readonly #waiting = new Set<() => void>();

  put(object: ApiObject): void {
    this.objects.set(object.metadata.name, object);
    this.#say(`put ${object.metadata.name}`);
  }

  remove({ name }: Identity): void {
    this.objects.delete(name);
    this.#say(`remove ${name}`);
  }

  synced(): void {
    this.#say("synced");
  }

  problem(error: Error): void {
    this.problems.push(error);
    this.#say("problem");
  }

  recovered(): void {
    this.#say("recovered");
  }

  /** Resolves once the line has come so often, counted from the beginning. */
  async until(line: string, times = 1): Promise<void> {
    while (this.lines.filter((said) => said === line).length < times) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
    }
  }

  #say(line: string): void {
    this.lines.push(line);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
