/** Follows the changes that other programs make to the rulesets of this network namespace. */

import { KernelChannel } from "../netlink/channel.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { type Commit, CommitReader, NFNLGRP_NFTABLES } from "../netlink/netfilter/ruleset-events.ts";

/** Before a socket that failed is opened anew. */
const REOPEN_MS = 1_000;

export class RulesetWatch {
  readonly #changed: (commits: readonly Commit[] | "unknown") => void;
  readonly #end = new AbortController();

  /**
   * From the return on no change is missed. `changed`: "unknown" where some of them could not be read, as there were too
   * many at once.
   * @throws {SyscallError} EPERM: no CAP_NET_ADMIN; EPROTONOSUPPORT: this kernel has no nfnetlink
   */
  constructor(changed: (commits: readonly Commit[] | "unknown") => void) {
    this.#changed = changed;
    void this.#follow(open());
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #follow(first: KernelChannel): Promise<void> {
    for (let channel = first; ; channel = open()) {
      await this.#read(channel);
      channel.close();
      if (this.#end.signal.aborted) return;
      await Bun.sleep(REOPEN_MS);
      if (this.#end.signal.aborted) return;
      this.#changed("unknown");
    }
  }

  /** Returns at the end, and where the socket has lost datagrams (ENOBUFS). */
  async #read({ fd }: KernelChannel): Promise<void> {
    const stream = Bun.file(fd).stream().getReader();
    const cancel = () => void stream.cancel().catch(() => undefined); // it has failed before: nothing to be cancelled
    this.#end.signal.addEventListener("abort", cancel, { once: true });
    const reader = new CommitReader();
    try {
      for (;;) {
        const { done, value } = await stream.read();
        if (done) return;
        this.#changed(reader.read(value));
      }
    } catch {
      cancel(); // what was lost is looked at after the socket is open again
    } finally {
      this.#end.signal.removeEventListener("abort", cancel);
    }
  }
}

function open(): KernelChannel {
  const channel = new KernelChannel(netfilter.number, undefined);
  try {
    channel.joinGroup(NFNLGRP_NFTABLES);
    return channel;
  } catch (error) {
    channel.close();
    throw error;
  }
}
