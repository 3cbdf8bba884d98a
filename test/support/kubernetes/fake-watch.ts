/** One watch at the fake API server; tests make it fail. */

import type { Selects } from "./fake-selectors.ts";
import type { FakeEvent, FakeObject } from "./fake-store.ts";
import type { Answer, HttpRequest } from "./http-connection.ts";

export const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

export interface WatchOptions {
  readonly request: HttpRequest;
  readonly answer: Answer;
  readonly collection: string;
  readonly selects: Selects;
  /** What the client gets of an object. */
  readonly shape: (object: FakeObject) => object;
  /** Runs when nothing more can come. */
  readonly ended: () => void;
}

export class FakeWatch {
  readonly request: HttpRequest;
  readonly collection: string;
  readonly #options: WatchOptions;
  #isSilent = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.request = options.request;
    this.collection = options.collection;
  }

  /** An event as the selectors of the watch make it look. */
  tell({ before, after, revision }: FakeEvent): void {
    const { selects, shape } = this.#options;
    const [was, is] = [before !== undefined && selects(before), after !== undefined && selects(after)];
    const object = is ? after : before;
    if (object === undefined || !(was || is)) return;
    const type = was ? (is ? "MODIFIED" : "DELETED") : "ADDED";
    const resourceVersion = String(revision);
    this.send(type, shape({ ...object, metadata: { ...object.metadata, resourceVersion } }));
  }

  /** The present objects, as events. */
  tellAll(objects: readonly FakeObject[]): void {
    for (const object of objects.filter(this.#options.selects))
      this.send("ADDED", this.#options.shape(object));
  }

  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): void {
    const metadata = {
      resourceVersion: String(revision),
      ...(annotations === undefined ? {} : { annotations }),
    };
    if (this.request.query.get("allowWatchBookmarks") === "true") this.send("BOOKMARK", { metadata });
  }

  error(status: object): void {
    this.send("ERROR", status);
  }

  send(type: string, object: object): void {
    this.raw(`${JSON.stringify({ type, object })}\n`);
  }

  raw(text: string | Buffer): void {
    if (!this.#isSilent) this.#options.answer.chunk(text);
  }

  /** Sends nothing any more; the connection stays: half-open. */
  silence(): void {
    this.#isSilent = true;
  }

  /** As after `timeoutSeconds`. */
  end(): void {
    if (this.#isSilent) return;
    this.#options.answer.end();
    this.#options.ended();
  }

  /** The connection ends in the midst of an event. */
  truncate(object: object): void {
    this.#options.answer.truncate(`${JSON.stringify({ type: "ADDED", object })}\n`);
  }

  reset(): void {
    this.#options.answer.reset();
  }
}
