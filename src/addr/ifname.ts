/** Names of interfaces: what the kernel takes, and what may be written in a file. */

/** Bytes that a name may have. @see linux/if.h IFNAMSIZ - 1 */
export const IFNAME_BYTES = 15;

export const WANT_IFNAME = `an interface name of 1 to ${IFNAME_BYTES} bytes without '/', ':', '%' or white space, not '.' or '..'`;

/**
 * True for what an interface may be called (`dev_valid_name` in net/core/dev.c), but for names with '%': the kernel takes
 * `eth%d` for a pattern, and gives the interface another name.
 */
export function isIfname(text: string): boolean {
  const bytes = new TextEncoder().encode(text).length;
  return (
    bytes >= 1 && bytes <= IFNAME_BYTES && text !== "." && text !== ".." && !/[/:%\s\0\u0085]/u.test(text)
  );
}

export const WANT_ASCII_IFNAME = `an interface name of 1 to ${IFNAME_BYTES} printable characters without "/", ":" and "%"`;

/** True for a name of printable ASCII: what a person writes for an interface of a node. */
export function isAsciiIfname(text: string): boolean {
  return isIfname(text) && /^[!-~]+$/.test(text);
}
