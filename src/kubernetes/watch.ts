/** A view of a resource that is kept up to date: lists it, then watches it, through all that can go wrong. */

import type { ApiClient, Selection } from "./client.ts";
import { ApiError, ApiUnreachable } from "./error.ts";
import { pause, pauseMs } from "./pace.ts";
import { ACCEPT, ACCEPT_METADATA, type ApiRequest } from "./send.ts";
import { type Handler, View } from "./view.ts";
import { WatchSilent, watchEvents } from "./watch-events.ts";

export interface Target extends Selection {
  /** Of the collection: `/apis/podwire.io/v1alpha1/nodenetworks`. */
  readonly path: string;
}

/** Watches until it is closed. */
export function watchResource(client: ApiClient, target: Target, handler: Handler): ResourceWatch {
  return new ResourceWatch(client, target, handler);
}

export class ResourceWatch {
  readonly #client: ApiClient;
  readonly #target: Target;
  readonly #view: View;
  readonly #closing = new AbortController();
  /** How a listing begins: as events of the watch (KEP-3157), or by a request of its own where the server lacks that. */
  #listing: "watch" | "list" = "watch";
  #failures = 0;
  #isConnected = false;

  constructor(client: ApiClient, target: Target, handler: Handler) {
    this.#client = client;
    this.#target = target;
    this.#view = new View(handler);
    void this.#run();
  }

  /** The server answers. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** The view may be older than the server's: not connected, or a listing is under way. */
  get isLagging(): boolean {
    return !this.#isConnected || this.#view.resourceVersion === undefined;
  }

  /** Milliseconds since the epoch, bookmarks included; undefined where there was none. */
  get lastEventAt(): number | undefined {
    return this.#view.lastEventAt;
  }

  /** Objects in the view. */
  get size(): number {
    return this.#view.size;
  }

  /** Ends at once; nothing is told any more. */
  close(): void {
    this.#view.close();
    this.#closing.abort();
    this.#isConnected = false;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        this.#isConnected = false;
        if (!signal.aborted) await pause(this.#fail(error), signal);
      }
    }
  }

  /** One connection, to its end as the server wants it. */
  async #follow(): Promise<void> {
    if (this.#view.resourceVersion === undefined) await this.#beginListing();
    const seconds = this.#chooseSeconds();
    const began = Date.now();
    let events = 0;
    let bookmarks = 0;
    for await (const batch of watchEvents(this.#client, this.#request(seconds), {
      signal: this.#closing.signal,
      silenceMs: () => this.#silenceMs(seconds, bookmarks),
      opened: () => this.#opened(),
    })) {
      events += batch.length;
      if (batch.length > 0) this.#failures = 0;
      bookmarks += batch.filter((event) => event.type === "BOOKMARK" && !event.endsListing).length;
      for (const event of batch) this.#view.take(event);
    }
    this.#isConnected = false;
    if (this.#view.resourceVersion === undefined)
      throw new WatchSilent(this.#target.path, "a listing without end");
    if (events === 0 && Date.now() - began < this.#client.pace.firstPauseMs) {
      throw new ApiUnreachable(this.#target.path, "the watch ended as soon as it began");
    }
    this.#failures = 0;
  }

  async #beginListing(): Promise<void> {
    this.#view.beginListing();
    if (this.#listing === "watch") return;
    const { path, ...selection } = this.#target;
    // From the server's cache, in one piece: costs etcd nothing.
    this.#view.fill(await this.#client.list(path, { ...selection, resourceVersion: "0" }));
    this.#listing = "watch";
  }

  #request(seconds: number): ApiRequest {
    const { path, fieldSelector, labelSelector, isMetadataOnly } = this.#target;
    const { resourceVersion } = this.#view;
    const query = {
      watch: "true",
      allowWatchBookmarks: "true",
      timeoutSeconds: String(seconds),
      fieldSelector,
      labelSelector,
      ...(resourceVersion === undefined
        ? { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" }
        : { resourceVersion }),
    };
    return { method: "GET", path, query, accept: isMetadataOnly === true ? ACCEPT_METADATA : ACCEPT };
  }

  /** Spread, so that not all watches of all nodes end at once. */
  #chooseSeconds(): number {
    const [least, most] = this.#client.pace.watchSeconds;
    return Math.round(least + Math.random() * (most - least));
  }

  /** A listing goes on without a break; a watch may be silent as long as it has been asked for. */
  #silenceMs(seconds: number, bookmarks: number): number {
    const { requestMs, graceMs, bookmarkMs } = this.#client.pace;
    if (this.#view.resourceVersion === undefined) return requestMs;
    const whole = seconds * 1000 + graceMs;
    return bookmarks === 0 ? whole : Math.min(whole, bookmarkMs);
  }

  #opened(): void {
    this.#isConnected = true;
    this.#view.recovered();
  }

  /** Milliseconds until the next attempt. */
  #fail(error: unknown): number {
    const isListing = this.#view.resourceVersion === undefined;
    if (isListing && this.#listing === "watch" && lacksWatchList(error)) {
      this.#listing = "list";
      return 0;
    }
    this.#failures += 1;
    if (error instanceof ApiError && error.isGone) this.#view.forget();
    else this.#view.problem(error);
    const retryAfterMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    return retryAfterMs + pauseMs(this.#failures, this.#client.pace);
  }
}

/** Refused by a server that knows the parameter and not the feature (400, 422), or passed over by one that knows neither. */
function lacksWatchList(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 400 || error.status === 422;
  return error instanceof WatchSilent;
}
