/** The events of one watch request, from its answer to its end. */

import type { ApiClient } from "./client.ts";
import { ApiError, ApiUnreachable, apiErrorOf } from "./error.ts";
import { LineDecoder } from "./lines.ts";
import { type ApiObject, isFields, toApiObject } from "./object.ts";
import { type ApiRequest, actionOf } from "./send.ts";
import { Watchdog } from "./watchdog.ts";

export type WatchEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: ApiObject }
  | Bookmark;

/** All events up to the resource version have been told. */
interface Bookmark {
  readonly type: "BOOKMARK";
  readonly resourceVersion: string;
  /** All objects that there are have been told. */
  readonly endsListing: boolean;
}

/** KEP-3157. */
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/** The server has begun to answer, and no byte came for longer than it may be silent. */
export class WatchSilent extends ApiUnreachable {}

interface StreamOptions {
  readonly signal: AbortSignal;
  /** The silence that is borne from here on, asked for anew at each byte. */
  readonly silenceMs: () => number;
  /** The server has begun to answer. */
  readonly opened: () => void;
}

/**
 * The events of each piece that comes; ends where the server ends the watch.
 * @throws {ApiError} refused, or an ERROR event @throws {ApiUnreachable} the connection is lost @throws {WatchSilent}
 */
export async function* watchEvents(
  client: ApiClient,
  request: ApiRequest,
  { signal, silenceMs, opened }: StreamOptions,
): AsyncGenerator<readonly WatchEvent[]> {
  const watchdog = new Watchdog(signal, silenceMs);
  let isOpen = false;
  try {
    const { body } = await client.stream(request, watchdog.signal);
    isOpen = true;
    opened();
    const lines = new LineDecoder();
    for await (const chunk of body ?? []) {
      yield lines.push(chunk).map((line) => decodeEvent(request, line));
      watchdog.rearm(); // with the silence that is borne now that these are taken
    }
    yield lines.end().map((line) => decodeEvent(request, line));
  } catch (error) {
    if (watchdog.hasBarked) {
      const Silent = isOpen ? WatchSilent : ApiUnreachable;
      throw new Silent(actionOf(request), `no byte for ${silenceMs() / 1000} s`);
    }
    if (error instanceof ApiError || error instanceof ApiUnreachable) throw error;
    throw new ApiUnreachable(actionOf(request), `the watch broke off: ${String(error)}`, { cause: error });
  } finally {
    watchdog.end();
  }
}

function decodeEvent(request: ApiRequest, line: string): WatchEvent {
  const event = parse(request, line);
  const { type, object } = event;
  if (type === "ERROR") throw apiErrorOf(actionOf(request), 500, JSON.stringify(object));
  if (type === "BOOKMARK") return decodeBookmark(request, object);
  const decoded = toApiObject(object);
  if ((type === "ADDED" || type === "MODIFIED" || type === "DELETED") && decoded !== undefined) {
    return { type, object: decoded };
  }
  throw new ApiUnreachable(actionOf(request), `an event is none of an object: ${line.slice(0, 120)}`);
}

/** Its object has a kind and a resource version alone. */
function decodeBookmark(request: ApiRequest, object: unknown): Bookmark {
  const metadata = isFields(object) && isFields(object.metadata) ? object.metadata : {};
  const { resourceVersion, annotations } = metadata;
  if (typeof resourceVersion !== "string") {
    throw new ApiUnreachable(actionOf(request), "a bookmark has no resource version");
  }
  const endsListing = isFields(annotations) && annotations[INITIAL_EVENTS_END] === "true";
  return { type: "BOOKMARK", resourceVersion, endsListing };
}

function parse(request: ApiRequest, line: string): { type?: unknown; object?: unknown } {
  try {
    const event: unknown = JSON.parse(line);
    return isFields(event) ? event : {};
  } catch (cause) {
    throw new ApiUnreachable(actionOf(request), `an event is cut off: ${line.slice(0, 120)}`, { cause });
  }
}
