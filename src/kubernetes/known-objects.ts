/** Which objects a watch has told of: after a new listing it says which have vanished meanwhile. */

import { type ApiObject, type Identity, identityOf, keyOf } from "./object.ts";

export class KnownObjects {
  readonly #known = new Map<string, Identity>();
  /** Of a listing under way: known before, and not seen in it so far. */
  #unseen: Set<string> | undefined;

  get size(): number {
    return this.#known.size;
  }

  beginListing(): void {
    this.#unseen = new Set(this.#known.keys());
  }

  /** Those that the listing has not shown. Without a listing under way none. */
  endListing(): Identity[] {
    const vanished = [...(this.#unseen ?? [])].flatMap((key) => this.#known.get(key) ?? []);
    this.#unseen = undefined;
    for (const identity of vanished) this.#known.delete(keyOf(identity));
    return vanished;
  }

  /** The object is there; gives the former one of its name, where that was another. */
  put(object: ApiObject): Identity | undefined {
    const identity = identityOf(object);
    const key = keyOf(identity);
    const before = this.#known.get(key);
    this.#unseen?.delete(key);
    if (before?.uid === identity.uid) return undefined;
    this.#known.set(key, identity);
    return before;
  }

  /** The object is no longer there; undefined where nobody was told that it was. */
  remove(object: ApiObject): Identity | undefined {
    const key = keyOf(identityOf(object));
    const known = this.#known.get(key);
    if (known?.uid !== object.metadata.uid) return undefined;
    this.#known.delete(key);
    return known;
  }
}
