/** Comments in the user data of tables, rules and elements: `struct nftnl_udata` of libnftnl. */

import { concatenate } from "../codec/type.ts";

/** NFTNL_UDATA_{TABLE,RULE,SET_ELEM}_COMMENT. */
const COMMENT = 0;

/** Longest comment that nft(8) prints, in bytes. */
export const COMMENT_LIMIT = 127;

/** One record: type, length, text with its NUL. */
export function writeComment(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(`${text}\0`);
  return concatenate([Uint8Array.of(COMMENT, bytes.length), bytes]);
}

/** The comment that the user data begins with; empty where it has none. */
export function readComment(userdata: Uint8Array | undefined): string {
  if (userdata === undefined || userdata[0] !== COMMENT) return "";
  const length = userdata[1] ?? 0;
  return new TextDecoder().decode(userdata.subarray(2, 2 + Math.max(0, length - 1)));
}
