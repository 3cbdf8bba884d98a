/** Lines of a byte stream that comes in pieces cut anywhere. */

import { TextDecoder } from "node:util";

export class LineDecoder {
  readonly #decoder = new TextDecoder();
  /** Of the line whose end has not come; in pieces, for joining them each time would cost the square of a long line. */
  #parts: string[] = [];

  /** The lines that end in the chunk, without their ends; empty lines are left out. */
  push(chunk: Uint8Array): string[] {
    return this.#take(this.#decoder.decode(chunk, { stream: true }));
  }

  /** The last line, where the stream ended without the end of one. */
  end(): string[] {
    return this.#take(`${this.#decoder.decode()}\n`);
  }

  #take(text: string): string[] {
    const last = text.lastIndexOf("\n");
    if (last < 0) {
      if (text !== "") this.#parts.push(text);
      return [];
    }
    const whole = [...this.#parts, text.slice(0, last)].join("");
    this.#parts = last + 1 < text.length ? [text.slice(last + 1)] : [];
    return whole.split("\n").filter((line) => line !== "");
  }
}
