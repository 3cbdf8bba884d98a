/** The name that kernel objects bear which podwire made. */

/** Of its nftables tables, and in the comments of its rules in other programs' chains. */
export const MARK = "podwire";

/** Group of bridge ports that may not send router advertisements: "pw" in ASCII, no number that a person would choose. */
export const RA_GUARD_GROUP = 0x7077;
