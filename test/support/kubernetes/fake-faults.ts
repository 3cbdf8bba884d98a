/** What the fake API server does to requests in place of their answers. */

import type { HttpRequest } from "./http-connection.ts";

export interface Refusal {
  readonly status: number;
  readonly reason?: string;
  /** Seconds. */
  readonly retryAfter?: number;
  /** In place of a Status document. */
  readonly document?: object;
}

/** What happens to a request in place of its answer. */
export type Effect =
  | { readonly refuse: Refusal }
  /** Answered when the promise is. */
  | { readonly hold: Promise<unknown> }
  /** Nothing is done; or done, and nobody is told. */
  | "reset"
  | "lose answer"
  | "never answer";

export interface Fault {
  /** All requests where it is absent. */
  readonly matches?: (request: HttpRequest) => boolean;
  /** How many of them; 1 where it is absent. */
  readonly times?: number;
  readonly effect: Effect;
}

export class Faults {
  #faults: { readonly fault: Fault; left: number }[] = [];

  inject(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  heal(): void {
    this.#faults = [];
  }

  /** Of the first fault that is left for the request. */
  effectOn(request: HttpRequest): Effect | undefined {
    const found = this.#faults.find(({ fault, left }) => left > 0 && (fault.matches?.(request) ?? true));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault.effect;
  }
}
