/** Protocols of Ethernet frames: ETH_P_*, linux/if_ether.h. On the wire in network order. */

/** Every protocol. */
export const ETH_P_ALL = 0x0003;
export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_8021Q = 0x8100;
export const ETH_P_IPV6 = 0x86dd;
/** Outer tag where there are two. */
export const ETH_P_8021AD = 0x88a8;
