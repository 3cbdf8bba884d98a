/** Certificates, keys and tokens in files that others replace while we run. */

import { type BigIntStats, readFileSync, statSync } from "node:fs";
import { InvalidAccess } from "./access.ts";

/** The kubelet writes a new token well before the old one ends. */
const TOKEN_AGE_MS = 60_000;

/** The text of a file as `require` gives it, which is given what is in the file and its path. @throws as `require` does */
export class CredentialFile {
  readonly #path: string;
  readonly #require: (text: string, path: string) => string;
  #text: string | undefined;
  #identity = "";

  constructor(path: string, require: (text: string, path: string) => string) {
    this.#path = path;
    this.#require = require;
  }

  /**
   * Reads it anew where it has changed; what cannot be read in the midst of a change leaves the text as it was.
   * @throws {InvalidAccess} it could not be read even once
   */
  read(): string {
    try {
      const identity = identityOf(statSync(this.#path, { bigint: true }));
      if (this.#text === undefined || identity !== this.#identity) {
        this.#text = this.#require(readFileSync(this.#path, "utf8"), this.#path);
        this.#identity = identity;
      }
      return this.#text;
    } catch (error) {
      if (this.#text !== undefined) return this.#text;
      throw error instanceof InvalidAccess ? error : unreadable(this.#path, error);
    }
  }
}

/** A bearer token in a file, looked at each minute at most. */
export class TokenFile {
  readonly #file: CredentialFile;
  readonly #now: () => number;
  #token: string | undefined;
  #readAt = 0;

  /** `now`: milliseconds. */
  constructor(path: string, now: () => number = Date.now) {
    this.#file = new CredentialFile(path, requireToken);
    this.#now = now;
  }

  /** @throws {InvalidAccess} */
  read(): string {
    if (this.#token === undefined || this.#now() - this.#readAt >= TOKEN_AGE_MS) this.renew();
    return this.#token ?? "";
  }

  /** Looks at the file now; true where there is another token. @throws {InvalidAccess} */
  renew(): boolean {
    const before = this.#token;
    this.#token = this.#file.read();
    this.#readAt = this.#now();
    return this.#token !== before;
  }
}

function requireToken(text: string, path: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new InvalidAccess(path, "holds no token", "want one bearer token");
  return token;
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(":");
}

function unreadable(path: string, cause: unknown): InvalidAccess {
  const problem = `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new InvalidAccess(path, problem, "want a file that this process may read", { cause });
}
