/** The registers of a rule as far as they are known: what an expression loads, compares and masks of one packet. */

import { NARROW, offsetOfRegister, WIDE } from "../netlink/netfilter/register.ts";

const SIZE = 4 * WIDE; // bytes

export class Registers {
  readonly #bytes = new Uint8Array(SIZE);
  readonly #isKnown = new Array<boolean>(SIZE).fill(false);

  /** `value`: undefined where it cannot be known; then the whole register cannot. */
  load(register: number, value: Uint8Array | undefined): void {
    const start = offsetOfRegister(register);
    const length = value === undefined ? WIDE : (value.length + NARROW - 1) & -NARROW;
    for (let at = start; at < Math.min(start + length, SIZE); at++) {
      this.#bytes[at] = value?.[at - start] ?? 0;
      this.#isKnown[at] = value !== undefined;
    }
  }

  /** Undefined where a byte of it is not known. */
  read(register: number, length: number): Uint8Array | undefined {
    const start = offsetOfRegister(register);
    for (let at = start; at < start + length; at++) if (this.#isKnown[at] !== true) return undefined;
    return this.#bytes.slice(start, start + length);
  }
}
