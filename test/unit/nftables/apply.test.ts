/** Elements that another process removes, or gives to another pod, between the look at them and the change. */

import { expect, test } from "vitest";
import { netfilter } from "../../../src/netlink/netfilter/protocol.ts";
import { removeElements } from "../../../src/nftables/apply.ts";
import type { Element } from "../../../src/nftables/elements/element.ts";
import { FakeKernel, type Received } from "../../support/kernel/fake-kernel.ts";
import { ack, answer, error, type Reply } from "../../support/kernel/replies.ts";

type Nfnetlink = typeof netfilter;

const TRANSACTION = ["NFNL_MSG_BATCH_BEGIN", "NFT_MSG_DELSETELEM", "NFNL_MSG_BATCH_END"];
const LOOK_UPS = ["NFT_MSG_GETSETELEM", "NFT_MSG_GETSETELEM"];

function element(key: number): Element {
  return { table: "inet", set: "guarded", key: Uint8Array.of(key), owner: "c1 eth0" };
}

/** Keys of the elements that a request names. */
function keysOf({ body }: Received<Nfnetlink>): number[] {
  const elements = ("NFTA_SET_ELEM_LIST_ELEMENTS" in body && body.NFTA_SET_ELEM_LIST_ELEMENTS) || [];
  return elements.flatMap(({ NFTA_SET_ELEM_KEY: key }) => [...(key?.NFTA_DATA_VALUE ?? [])]);
}

/** A kernel that has the elements of these keys, and refuses to remove any other: as nf_tables, all or nothing. */
function kernelWith(...keys: readonly number[]): FakeKernel<Nfnetlink> {
  return new FakeKernel(netfilter, (request): readonly Reply<Nfnetlink>[] => {
    const isThere = keysOf(request).every((key) => keys.includes(key));
    if (request.message === "NFT_MSG_DELSETELEM") return isThere ? ack() : error("ENOENT");
    if (request.message !== "NFT_MSG_GETSETELEM") return ack();
    return isThere
      ? answer<Reply<Nfnetlink>>({ message: "NFT_MSG_NEWSETELEM", body: request.body })
      : error("ENOENT");
  });
}

test("removeElements() removes those that are left when others went meanwhile", () => {
  const kernel = kernelWith(2);
  removeElements(kernel.socket, [element(1), element(2)]);
  expect(kernel.names).toEqual([...TRANSACTION, ...LOOK_UPS, ...TRANSACTION]);
  expect(kernel.requests.filter(({ message }) => message === "NFT_MSG_DELSETELEM").map(keysOf)).toEqual([
    [1, 2],
    [2],
  ]);
});

test("removeElements() is done when all went meanwhile", () => {
  const kernel = kernelWith();
  removeElements(kernel.socket, [element(1), element(2)]);
  expect(kernel.names).toEqual([...TRANSACTION, ...LOOK_UPS]);
});

test("removeElements() throws after ten transactions when the kernel never takes one", () => {
  const kernel = new FakeKernel(netfilter, (request): readonly Reply<Nfnetlink>[] => {
    if (request.message === "NFT_MSG_DELSETELEM") return error("ENOENT");
    if (request.message !== "NFT_MSG_GETSETELEM") return ack();
    return answer<Reply<Nfnetlink>>({ message: "NFT_MSG_NEWSETELEM", body: request.body });
  });
  expect(() => removeElements(kernel.socket, [element(1)])).toThrow("NFT_MSG_DELSETELEM: ENOENT");
  expect(kernel.names.filter((name) => name === "NFT_MSG_DELSETELEM")).toHaveLength(10);
});

test("removeElements() throws at once when the kernel refuses for another reason", () => {
  const kernel = new FakeKernel(netfilter, ({ message }) =>
    message === "NFT_MSG_DELSETELEM" ? error("EBUSY") : ack(),
  );
  expect(() => removeElements(kernel.socket, [element(1)])).toThrow("NFT_MSG_DELSETELEM: EBUSY");
  expect(kernel.names).toEqual(TRANSACTION);
});
