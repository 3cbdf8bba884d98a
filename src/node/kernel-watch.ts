/** Follows what the kernel tells a multicast group of a netlink protocol, in this network namespace. */

import { KernelChannel } from "../netlink/channel.ts";

/** Before a socket that failed is opened anew. */
const REOPEN_MS = 1_000;

interface WatchOptions {
  /** NETLINK_*: number of the protocol. */
  readonly protocol: number;
  readonly groups: readonly number[];
  /** "lost": some were not read, as there were too many at once. */
  told(datagram: Uint8Array | "lost"): void;
}

export class KernelWatch {
  readonly #options: WatchOptions;
  readonly #end = new AbortController();

  /**
   * From the return on nothing is missed.
   * @throws {SyscallError} EPERM: no CAP_NET_ADMIN; EPROTONOSUPPORT: this kernel does not have the protocol
   */
  constructor(options: WatchOptions) {
    this.#options = options;
    void this.#follow(this.#open());
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #follow(first: KernelChannel): Promise<void> {
    for (let channel = first; ; channel = this.#open()) {
      await this.#read(channel);
      channel.close();
      if (this.#end.signal.aborted) return;
      await Bun.sleep(REOPEN_MS);
      if (this.#end.signal.aborted) return;
      this.#options.told("lost");
    }
  }

  /** Returns at the end, and where the socket has lost datagrams (ENOBUFS). */
  async #read({ fd }: KernelChannel): Promise<void> {
    const stream = Bun.file(fd).stream().getReader();
    const cancel = () => void stream.cancel().catch(() => undefined); // it has failed before: nothing to be cancelled
    this.#end.signal.addEventListener("abort", cancel, { once: true });
    try {
      for (;;) {
        const { done, value } = await stream.read();
        if (done) return;
        this.#options.told(value);
      }
    } catch {
      cancel(); // what was lost is looked at after the socket is open again
    } finally {
      this.#end.signal.removeEventListener("abort", cancel);
    }
  }

  #open(): KernelChannel {
    const channel = new KernelChannel(this.#options.protocol, undefined);
    try {
      for (const group of this.#options.groups) channel.joinGroup(group);
      return channel;
    } catch (error) {
      channel.close();
      throw error;
    }
  }
}
