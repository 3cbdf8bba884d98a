/** Marks without a record: of a dead pod, or of one whose DEL ends at this moment. */

import { expect, test } from "vitest";
import { findLeftovers } from "../../../../src/attachment/leftovers/find.ts";
import { rtnetlink } from "../../../../src/netlink/route/protocol.ts";
import { FakeKernel } from "../../../support/kernel/fake-kernel.ts";
import { multipart } from "../../../support/kernel/replies.ts";

const JUDGE = { whyStale: () => undefined, whyOrphaned: () => "it has no pod" };
const netfilter = { getIfSupported: () => undefined };
const NETWORK = "marked-without-record";

/** A node with an interface of a pod in the first so many dumps. */
function nodeOf(dumps: number) {
  const link = {
    message: "RTM_NEWLINK",
    body: { ifi_index: 7, IFLA_IFNAME: "veth7", IFLA_IFALIAS: `podwire ${NETWORK}/c1/eth0` },
  } as const;
  const kernel = new FakeKernel(rtnetlink, (_request, index) => multipart(index < dumps ? [link] : []));
  return { host: kernel.socket, netfilter: netfilter as never }; // `as`: a kernel without nf_tables
}

test.for([
  ["stays", 2, [`${NETWORK}/c1/eth0`]],
  ["goes with a DEL that ends meanwhile", 1, []],
] as const)("findLeftovers() tells of an interface without a record when it %s", ([, dumps, wanted]) => {
  const { attachments } = findLeftovers(nodeOf(dumps), JUDGE, NETWORK);
  expect(attachments.map(({ attachment }) => Object.values(attachment).join("/"))).toEqual(wanted);
});
