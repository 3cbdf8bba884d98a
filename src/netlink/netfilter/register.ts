/** The numbers of registers, `enum nft_registers`: four of 16 bytes, or sixteen of 4 in the same place. */

export const WIDE = 16; // bytes
export const NARROW = 4; // bytes
const FIRST_WIDE = 1; // NFT_REG_1; 0 is the verdict
const FIRST_NARROW = 8; // NFT_REG32_00

/** The register at a byte offset from the first, by the number that the kernel itself prints. */
export function registerAt(offset: number): number {
  return offset % WIDE === 0 ? FIRST_WIDE + offset / WIDE : FIRST_NARROW + offset / NARROW;
}

/** The byte offset of a register. */
export function offsetOfRegister(register: number): number {
  return register < FIRST_NARROW ? (register - FIRST_WIDE) * WIDE : (register - FIRST_NARROW) * NARROW;
}

export const FIRST = registerAt(0);
