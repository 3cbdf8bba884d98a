/** A socket that is opened at its first use. */

import { ignoringErrno } from "../linux/error.ts";
import { NetlinkSocket, type Protocol, type SocketOptions } from "./socket.ts";

export class LazySocket<P extends Protocol> {
  readonly #protocol: P;
  readonly #options: SocketOptions;
  #socket: NetlinkSocket<P> | undefined;

  constructor(protocol: P, options: SocketOptions) {
    this.#protocol = protocol;
    this.#options = options;
  }

  /** @throws {SyscallError} EPROTONOSUPPORT: this kernel does not have the protocol */
  get(): NetlinkSocket<P> {
    this.#socket ??= NetlinkSocket.open(this.#protocol, this.#options);
    return this.#socket;
  }

  /** Undefined where this kernel does not have the protocol, so that there is nothing in it. */
  getIfSupported(): NetlinkSocket<P> | undefined {
    return ignoringErrno<NetlinkSocket<P> | undefined>(() => this.get(), undefined, "EPROTONOSUPPORT");
  }

  [Symbol.dispose](): void {
    this.#socket?.close();
  }
}
