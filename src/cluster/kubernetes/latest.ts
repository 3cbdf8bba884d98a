/** One object as it is now: its watch and the answers to our own requests tell of it, in any order. */

import type { ApiObject } from "../../kubernetes/object.ts";

export class Latest {
  #object: ApiObject | undefined;
  /** uid of the last that was removed. */
  #removed: string | undefined;

  get object(): ApiObject | undefined {
    return this.#object;
  }

  /** What is older than what is known already is passed over. */
  put(object: ApiObject): void {
    const { uid } = object.metadata;
    if (uid === this.#removed) return;
    if (this.#object?.metadata.uid === uid && isOlder(object, this.#object)) return;
    this.#object = object;
  }

  remove(uid: string): void {
    this.#removed = uid;
    if (this.#object?.metadata.uid === uid) this.#object = undefined;
  }
}

/** Resource versions of one object are numbers that grow (KEP-5504). */
function isOlder(one: ApiObject, other: ApiObject): boolean {
  const [mine, theirs] = [one, other].map(({ metadata }) => Number(metadata.resourceVersion));
  return mine !== undefined && theirs !== undefined && mine < theirs;
}
