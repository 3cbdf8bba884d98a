/** What an MTU may be, in bytes. */

/** What every host of a family must take in one piece: RFC 791, RFC 8200 §5. */
export const SMALLEST_MTU = { 4: 68, 6: 1280 } as const;

/** ETH_MAX_MTU, linux/if_ether.h. */
export const LARGEST_MTU = 65_535;
