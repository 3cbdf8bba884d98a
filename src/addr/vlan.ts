/** VLAN identifiers. */

/** IEEE 802.1Q, 9.6: 0 is no VLAN, 4095 is reserved. */
export const LARGEST_VLAN = 4094;
