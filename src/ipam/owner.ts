/** Who holds an address: the content of a reservation file, in host-local's format. */

export interface Owner {
  readonly containerId: string;
  /** Absent in files of host-local before 0.7, which name the container alone. */
  readonly ifname?: string;
}

/** `<container ID>\r\n<interface>`, no line end after it. */
export function formatOwner(owner: Owner): string {
  return owner.ifname === undefined ? owner.containerId : `${owner.containerId}\r\n${owner.ifname}`;
}

/** Reads a reservation; white space around it and a bare line feed are forgiven. Undefined: empty or garbled. */
export function parseOwner(text: string): Owner | undefined {
  const match = /^([a-zA-Z0-9][a-zA-Z0-9_.-]*)(?:\r?\n([^\s/\0]{1,15}))?$/u.exec(text.trim());
  const [, containerId, ifname] = match ?? [];
  if (containerId === undefined) return undefined;
  return ifname === undefined ? { containerId } : { containerId, ifname };
}

/** True where both name the same container and interface. */
export function sameOwner(a: Owner, b: Owner): boolean {
  return a.containerId === b.containerId && a.ifname === b.ifname;
}

/** True where the holder of an address is that container and interface, or names the container alone. */
export function isHeldBy(holder: Owner, owner: Owner): boolean {
  return holder.containerId === owner.containerId && (holder.ifname ?? owner.ifname) === owner.ifname;
}
