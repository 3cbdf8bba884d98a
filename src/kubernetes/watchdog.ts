/** Ends a connection whose other side has been silent for too long: half-open ones end by nothing else. */

export class Watchdog {
  readonly #connection = new AbortController();
  readonly #outer: AbortSignal;
  readonly #silenceMs: () => number;
  readonly #abort = () => this.#connection.abort();
  #timer: NodeJS.Timeout;
  #hasBarked = false;

  /** `outer`: ends the connection too. `silenceMs` is asked for anew each time. */
  constructor(outer: AbortSignal, silenceMs: () => number) {
    this.#outer = outer;
    this.#silenceMs = silenceMs;
    if (outer.aborted) this.#abort();
    outer.addEventListener("abort", this.#abort);
    this.#timer = this.#arm();
  }

  /** Of the connection. */
  get signal(): AbortSignal {
    return this.#connection.signal;
  }

  get hasBarked(): boolean {
    return this.#hasBarked;
  }

  /** Something was heard. */
  rearm(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#arm();
  }

  /** The connection is of no more use: what is left of it is closed. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#abort);
    this.#abort();
  }

  #arm(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#hasBarked = true;
      this.#abort();
    }, this.#silenceMs());
  }
}
