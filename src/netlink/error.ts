/** The error of a netlink request that the kernel refused. */

export class NetlinkError extends Error {
  override readonly name = "NetlinkError";
  /** UAPI name of the message, "RTM_NEWLINK". */
  readonly request: string;
  /** Symbolic, "EEXIST". */
  readonly errno: string;
  /** The kernel's own words (extended acknowledgement), or empty. */
  readonly extAck: string;
  /** The attribute that the kernel points at, "IFLA_LINKINFO/IFLA_INFO_KIND", or empty. */
  readonly attribute: string;

  constructor(request: string, errno: string, extAck = "", attribute = "") {
    const where = attribute === "" ? "" : ` at ${attribute}`;
    super(`${request}: ${errno}${extAck === "" ? "" : ` "${extAck}"`}${where}`);
    this.request = request;
    this.errno = errno;
    this.extAck = extAck;
    this.attribute = attribute;
  }
}
