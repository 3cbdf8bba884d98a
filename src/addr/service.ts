/** A service of an address: a transport protocol and a port of it. */

/** IANA's numbers of the transport protocols that have ports; IPPROTO_* in linux/in.h. */
export const IPPROTO = { tcp: 6, udp: 17, sctp: 132 } as const;
export type Protocol = keyof typeof IPPROTO;

export interface Service {
  readonly protocol: Protocol;
  readonly port: number;
}
