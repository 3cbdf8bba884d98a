/** Requests that the kernel refused: as a value where that may be expected, as an error where it is not. */

export interface Refusal {
  /** UAPI name of the message, "RTM_NEWLINK". */
  readonly request: string;
  /** Symbolic, "EEXIST". */
  readonly errno: string;
  /** The kernel's own words (extended acknowledgement), or empty. */
  readonly extAck: string;
  /** The attribute that the kernel points at, "IFLA_LINKINFO/IFLA_INFO_KIND", or empty. */
  readonly attribute: string;
}

export class NetlinkError extends Error implements Refusal {
  override readonly name = "NetlinkError";
  readonly request: string;
  readonly errno: string;
  readonly extAck: string;
  readonly attribute: string;

  constructor({ request, errno, extAck, attribute }: Refusal) {
    const where = attribute === "" ? "" : ` at ${attribute}`;
    super(`${request}: ${errno}${extAck === "" ? "" : ` "${extAck}"`}${where}`);
    this.request = request;
    this.errno = errno;
    this.extAck = extAck;
    this.attribute = attribute;
  }
}
