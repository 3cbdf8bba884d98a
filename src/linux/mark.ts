/** The name that kernel objects bear which podwire made. */

/** Of its nftables tables, and in the comments of its rules in other programs' chains. */
export const MARK = "podwire";
