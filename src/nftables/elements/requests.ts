/** The requests about elements, and the elements in the kernel's replies. */

import { NLM_F } from "../../netlink/codec/message.ts";
import { VERDICT } from "../../netlink/netfilter/expression.ts";
import { NFPROTO } from "../../netlink/netfilter/header.ts";
import type { ElementsMessage } from "../../netlink/netfilter/nf-tables.ts";
import type { NetfilterRequest } from "../../netlink/netfilter/protocol.ts";
import { readComment, writeComment } from "../../netlink/netfilter/userdata.ts";
import { TABLE_NAME } from "../tables/requests.ts";
import type { Element } from "./element.ts";

/** What names a set in a message about its elements. */
export function setAddress(table: Element["table"], set: string): ElementsMessage {
  return {
    nfgen_family: table === "inet" ? NFPROTO.INET : NFPROTO.BRIDGE,
    NFTA_SET_ELEM_LIST_TABLE: TABLE_NAME,
    NFTA_SET_ELEM_LIST_SET: set,
  };
}

function keyed({ key }: Element) {
  return { NFTA_SET_ELEM_KEY: { NFTA_DATA_VALUE: key } };
}

/** Elements that one message can carry: a list of attributes is at most 65535 bytes long. */
export const MESSAGE_LIMIT = 200;

/** The elements set by set, in pieces that fit into a message. */
function bySet(elements: readonly Element[]): [Element, ...Element[]][] {
  const groups: [Element, ...Element[]][] = [];
  for (const element of elements) {
    const { table, set, owner } = element;
    const group = groups.findLast(
      ([first]) => first.set === set && first.table === table && (first.owner === "") === (owner === ""),
    );
    if (group === undefined || group.length === MESSAGE_LIMIT) groups.push([element]);
    else group.push(element);
  }
  return groups;
}

/** A request with the elements that it is about. */
export interface ElementsRequest {
  readonly request: NetfilterRequest;
  readonly elements: readonly Element[];
}

/** Like `nft add element`; EEXIST where an owned element's key is taken, whoever has it. */
export function addElementRequests(elements: readonly Element[]): ElementsRequest[] {
  return bySet(elements).map((group) => {
    const [{ table, set, owner }] = group;
    const request: NetfilterRequest = {
      message: "NFT_MSG_NEWSETELEM",
      flags: owner === "" ? NLM_F.CREATE : NLM_F.CREATE | NLM_F.EXCL,
      body: { ...setAddress(table, set), NFTA_SET_ELEM_LIST_ELEMENTS: group.map(toItem) },
    };
    return { request, elements: group };
  });
}

function toItem(element: Element) {
  const { owner } = element;
  const comment = owner === "" ? {} : { NFTA_SET_ELEM_USERDATA: writeComment(owner) };
  return { ...keyed(element), ...dataOf(element), ...comment };
}

function dataOf({ value }: Element) {
  if (value === undefined) return {};
  if (value instanceof Uint8Array) return { NFTA_SET_ELEM_DATA: { NFTA_DATA_VALUE: value } };
  const verdict = { NFTA_VERDICT_CODE: VERDICT.GOTO, NFTA_VERDICT_CHAIN: value.chain };
  return { NFTA_SET_ELEM_DATA: { NFTA_DATA_VERDICT: verdict } };
}

/** Like `nft delete element`; ENOENT where one is gone. */
export function deleteElementRequests(elements: readonly Element[]): NetfilterRequest[] {
  return bySet(elements).map((group) => {
    const [{ table, set }] = group;
    const body = { ...setAddress(table, set), NFTA_SET_ELEM_LIST_ELEMENTS: group.map(keyed) };
    return { message: "NFT_MSG_DELSETELEM", body };
  });
}

/** Like `nft get element`; ENOENT where there is none. */
export function getElementRequest(element: Element): NetfilterRequest {
  const { table, set } = element;
  const body = { ...setAddress(table, set), NFTA_SET_ELEM_LIST_ELEMENTS: [keyed(element)] };
  return { message: "NFT_MSG_GETSETELEM", body };
}

/** All elements of a set; for a dump. */
export function listElementsRequest(table: Element["table"], set: string): NetfilterRequest {
  return { message: "NFT_MSG_GETSETELEM", body: setAddress(table, set) };
}

/** The elements in a reply of the kernel. */
export function toElements(table: Element["table"], message: ElementsMessage): Element[] {
  const set = message.NFTA_SET_ELEM_LIST_SET ?? "";
  return (message.NFTA_SET_ELEM_LIST_ELEMENTS ?? []).map((item) => {
    const { NFTA_DATA_VALUE: bytes, NFTA_DATA_VERDICT: verdict } = item.NFTA_SET_ELEM_DATA ?? {};
    const value = verdict === undefined ? bytes : { chain: verdict.NFTA_VERDICT_CHAIN ?? "" };
    return {
      table,
      set,
      key: item.NFTA_SET_ELEM_KEY?.NFTA_DATA_VALUE ?? new Uint8Array(0),
      ...(value === undefined ? {} : { value }),
      owner: readComment(item.NFTA_SET_ELEM_USERDATA),
    };
  });
}
