/** What the kernel tells of changes to rulesets, in the multicast group NFNLGRP_NFTABLES. */

import { attributes } from "../codec/attributes.ts";
import { decodeMessages } from "../codec/message.ts";
import { headed } from "../codec/struct.ts";
import { cString } from "../codec/type.ts";
import { nfgenmsg, SUBSYS_NFTABLES } from "./header.ts";

/** linux/netfilter/nfnetlink.h */
export const NFNLGRP_NFTABLES = 7;

const NFT_MSG_NEWGEN = (SUBSYS_NFTABLES << 8) | 15;

/** Tables, chains, rules, sets, elements, objects and flowtables alike: attribute 1 is the name of their table. */
const objectMessage = headed(nfgenmsg, attributes({ NFTA_TABLE_NAME: [1, cString] }, "passed over"));

/** `enum` NFTA_GEN_*: ends each transaction. */
const committedMessage = headed(nfgenmsg, attributes({ NFTA_GEN_PROC_NAME: [3, cString] }, "passed over"));

/** One transaction. */
export interface Commit {
  /** Names of the tables that something was changed in, in any family. */
  readonly tables: ReadonlySet<string>;
  /** The program that made it, up to 15 bytes (TASK_COMM_LEN). */
  readonly program: string;
}

/** Puts the transactions together again, which may be spread over several datagrams. */
export class CommitReader {
  #tables = new Set<string>();

  /** The transactions that end in these datagrams. @throws {DecodeError} they were cut */
  read(datagrams: Uint8Array): Commit[] {
    return decodeMessages(datagrams).flatMap(({ type, payload }) => {
      if (type !== NFT_MSG_NEWGEN) {
        this.#tables.add(objectMessage.read(payload, {}).NFTA_TABLE_NAME ?? "");
        return [];
      }
      const tables = this.#tables;
      this.#tables = new Set();
      return [{ tables, program: committedMessage.read(payload, {}).NFTA_GEN_PROC_NAME ?? "" }];
    });
  }
}
