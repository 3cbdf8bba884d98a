/** How the API server is reached: where it is, and what each side shows the other. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";

/** PEM texts; what is absent is the runtime's own: its list of certificate authorities, no client certificate. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name that the server's certificate must bear, where it is not the URL's. */
  readonly serverName?: string;
  /** False: any certificate will do. */
  readonly rejectUnauthorized?: boolean;
}

export interface Credentials {
  readonly tls: Tls;
  readonly token: string | undefined;
}

export interface Access {
  /** `https://10.96.0.1:443`, perhaps with a path; without a slash at its end. */
  readonly server: string;
  /** As they are now: a file that has changed is read anew. @throws {InvalidAccess} */
  credentials(): Credentials;
  /** For a token that the server refuses: reads it anew; true where it is another one now. */
  renewToken(): boolean;
}

/** A file or variable that does not say how the API server is reached. */
export class InvalidAccess extends PodwireError {
  override readonly name = "InvalidAccess";

  /** `place`: file and field, or variable. */
  constructor(place: string, problem: string, advice: string, options: { readonly cause?: unknown } = {}) {
    super(`${place}: ${problem}`, { code: CNI_ERROR.notAvailable, advice, ...options });
  }
}

/** Without slashes at the end. @throws {InvalidAccess} no URL of an API server */
export function parseServer(text: string, place: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" || url.search !== "" || url.hash !== "" || url.username !== "") {
    throw new InvalidAccess(place, `got "${text}"`, "want the API server's URL, https://HOST:PORT");
  }
  return url.href.replace(/\/+$/, "");
}
