/** What a watch has told of a resource so far, and the telling of it. */

import { KnownObjects } from "./known-objects.ts";
import type { ApiList, ApiObject, Identity } from "./object.ts";
import type { WatchEvent } from "./watch-events.ts";

/** What is told of the objects; what it throws is told to `problem`. */
export interface Handler {
  /** The object is there, or has changed. */
  put(object: ApiObject): void;
  /** It is gone; also where another one of its name has come, which is put then. */
  remove(identity: Identity): void;
  /** Once: all objects that there are have been put. */
  synced(): void;
  /** Each failure; it is tried again for ever. */
  problem?(error: Error): void;
  /** Once after problems. */
  recovered?(): void;
}

export class View {
  readonly #handler: Handler;
  readonly #known = new KnownObjects();
  #resourceVersion: string | undefined;
  #lastEventAt: number | undefined;
  #isSynced = false;
  #hasProblem = false;
  #isClosed = false;

  constructor(handler: Handler) {
    this.#handler = handler;
  }

  /** Where a watch goes on; undefined: with a listing. */
  get resourceVersion(): string | undefined {
    return this.#resourceVersion;
  }

  /** Milliseconds since the epoch. */
  get lastEventAt(): number | undefined {
    return this.#lastEventAt;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Nothing is told any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** The server has forgotten what came after our resource version. */
  forget(): void {
    this.#resourceVersion = undefined;
  }

  beginListing(): void {
    this.#known.beginListing();
  }

  fill({ items, resourceVersion }: ApiList): void {
    for (const object of items) this.#put(object);
    this.#listed(resourceVersion);
  }

  take(event: WatchEvent): void {
    this.#lastEventAt = Date.now();
    if (event.type === "BOOKMARK") {
      if (event.endsListing) this.#listed(event.resourceVersion);
      else this.#moveTo(event.resourceVersion);
      return;
    }
    if (event.type === "DELETED") this.#remove(this.#known.remove(event.object));
    else this.#put(event.object);
    this.#moveTo(event.object.metadata.resourceVersion);
  }

  problem(error: unknown): void {
    this.#hasProblem = true;
    this.#report(error);
  }

  recovered(): void {
    if (this.#hasProblem) this.#tell(() => this.#handler.recovered?.());
    this.#hasProblem = false;
  }

  /** Objects of a listing come in any order: nothing could go on from the resource version of one. */
  #moveTo(resourceVersion: string): void {
    if (this.#resourceVersion !== undefined) this.#resourceVersion = resourceVersion;
  }

  #listed(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    for (const vanished of this.#known.endListing()) this.#remove(vanished);
    if (this.#isSynced) return;
    this.#isSynced = true;
    this.#tell(() => this.#handler.synced());
  }

  #put(object: ApiObject): void {
    this.#remove(this.#known.put(object));
    this.#tell(() => this.#handler.put(object));
  }

  #remove(identity: Identity | undefined): void {
    if (identity !== undefined) this.#tell(() => this.#handler.remove(identity));
  }

  /** A handler's failure with one object is not to cost the others. */
  #tell(call: () => void): void {
    if (this.#isClosed) return;
    try {
      call();
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    if (this.#isClosed) return;
    try {
      this.#handler.problem?.(error instanceof Error ? error : new Error(String(error)));
    } catch {
      // Nobody is left to tell; the watch goes on.
    }
  }
}
