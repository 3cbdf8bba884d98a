/** Objects as an API server keeps them: resource versions, uids, preconditions, and the events since. */

import { randomUUID } from "node:crypto";
import type { FakePath } from "./fake-path.ts";
import { mergePatch } from "./merge-patch.ts";

export interface FakeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: FakeMetadata;
  readonly [field: string]: unknown;
}

export interface FakeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface FakeEvent {
  readonly collection: string;
  readonly revision: number;
  /** Undefined: it is new. */
  readonly before: FakeObject | undefined;
  /** Undefined: it is deleted. */
  readonly after: FakeObject | undefined;
}

/** An answer other than 2xx. */
export class Refused extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

type Body = Readonly<Record<string, unknown>> & { readonly metadata?: Partial<FakeMetadata> };

export class FakeStore {
  readonly #collections = new Map<string, Map<string, FakeObject>>();
  readonly #changed: (event: FakeEvent) => void;
  #events: FakeEvent[] = [];
  #revision = 100;
  #compacted = 0;

  constructor(changed: (event: FakeEvent) => void) {
    this.#changed = changed;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Forgets the events so far: who asks for them gets 410. */
  compact(): void {
    this.#events = [];
    this.#compacted = this.#revision;
  }

  /** Changes of other collections, so to speak. */
  advance(): void {
    this.#revision += 1;
  }

  /** Undefined where they are forgotten. */
  eventsSince(revision: number, collection: string): FakeEvent[] | undefined {
    if (revision < this.#compacted) return undefined;
    return this.#events.filter((event) => event.collection === collection && event.revision > revision);
  }

  list(collection: string): FakeObject[] {
    return [...(this.#collections.get(collection)?.values() ?? [])];
  }

  get(path: FakePath): FakeObject {
    return this.#find(path) ?? this.#refuse(path, 404, "NotFound", "not found");
  }

  create(path: FakePath, body: Body): FakeObject {
    const suffix = randomUUID().slice(0, 5);
    const name = body.metadata?.name ?? `${body.metadata?.generateName ?? ""}${suffix}`;
    const named = { ...path, name };
    if (this.#find(named) !== undefined) this.#refuse(named, 409, "AlreadyExists", "already exists");
    return this.#put(named, undefined, body);
  }

  replace(path: FakePath, body: Body): FakeObject {
    return this.#put(path, this.#matching(path, body.metadata), body);
  }

  /** A merge patch; `creates`: as server-side apply does, makes an object that is not there. */
  patch(path: FakePath, body: Body, { creates = false } = {}): FakeObject {
    if (creates && this.#find(path) === undefined) return this.#put(path, undefined, body);
    const before = this.#matching(path, body.metadata);
    return this.#put(path, before, mergePatch(before, body) as Body);
  }

  delete(path: FakePath, preconditions: Partial<FakeMetadata> | undefined): FakeObject {
    const before = this.#matching(path, preconditions);
    this.#objects(path).delete(keyOf(path));
    this.#tell(path, before, undefined);
    return before;
  }

  #find(path: FakePath): FakeObject | undefined {
    return this.#objects(path).get(keyOf(path));
  }

  #objects({ collection }: FakePath): Map<string, FakeObject> {
    const objects = this.#collections.get(collection) ?? new Map<string, FakeObject>();
    this.#collections.set(collection, objects);
    return objects;
  }

  #matching(path: FakePath, { uid, resourceVersion }: Partial<FakeMetadata> = {}): FakeObject {
    const object = this.get(path);
    const isOther =
      (uid ?? object.metadata.uid) !== object.metadata.uid ||
      (resourceVersion ?? object.metadata.resourceVersion) !== object.metadata.resourceVersion;
    if (isOther) this.#refuse(path, 409, "Conflict", "the object has been modified or is another one");
    return object;
  }

  /** What is the server's to set is kept; status and the rest are set by separate requests, once the object is there. */
  #put(path: FakePath, before: FakeObject | undefined, body: Body): FakeObject {
    const { metadata: { name: _name, ...metadata } = {}, status, ...rest } = body;
    const content = before === undefined ? body : contentOf(path, before, { metadata, status, rest });
    const own = {
      name: path.name ?? "",
      ...(path.namespace === undefined ? {} : { namespace: path.namespace }),
      uid: before?.metadata.uid ?? randomUUID(),
      creationTimestamp: before?.metadata.creationTimestamp ?? new Date().toISOString(),
    };
    const unchanged = before?.metadata.resourceVersion ?? "";
    const object = { ...content, metadata: { ...content.metadata, ...own, resourceVersion: unchanged } };
    if (before !== undefined && Bun.deepEquals(object, before)) return before;
    const after = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#revision + 1) },
    };
    this.#objects(path).set(keyOf(path), after);
    this.#tell(path, before, after);
    return after;
  }

  #tell({ collection }: FakePath, before: FakeObject | undefined, after: FakeObject | undefined): void {
    this.#revision += 1;
    const event = { collection, revision: this.#revision, before, after };
    this.#events.push(event);
    this.#changed(event);
  }

  #refuse({ plural, name }: FakePath, status: number, reason: string, message: string): never {
    throw new Refused(status, reason, `${plural} "${name}": ${message}`);
  }
}

interface Parts {
  readonly metadata: object;
  readonly status: unknown;
  readonly rest: object;
}

function contentOf({ subresource }: FakePath, before: FakeObject, { metadata, status, rest }: Parts): Body {
  if (subresource === "status") return { ...before, ...(status === undefined ? {} : { status }) };
  return { ...rest, metadata, ...("status" in before ? { status: before.status } : {}) };
}

function keyOf({ namespace = "", name = "" }: FakePath): string {
  return `${namespace}/${name}`;
}
