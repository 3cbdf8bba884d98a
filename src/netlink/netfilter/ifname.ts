/** Names of interfaces as registers and keys hold them. */

/** Bytes, with the NUL. @see linux/if.h */
export const IFNAMSIZ = 16;

/** Filled up with NULs, as nft(8) compares them. */
export function paddedIfname(ifname: string): Uint8Array {
  const bytes = new Uint8Array(IFNAMSIZ);
  bytes.set(new TextEncoder().encode(ifname));
  return bytes;
}

/** Without padding but for one NUL, as iptables-nft compares them. */
export function terminatedIfname(ifname: string): Uint8Array {
  return new TextEncoder().encode(`${ifname}\0`);
}

/** The name that the bytes begin with. */
export function readIfname(bytes: Uint8Array): string {
  const name = bytes.subarray(0, IFNAMSIZ);
  return new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
}
