/** What a socket makes of answers that a kernel gives seldom: lists that change, datagrams that are cut, late replies. */

import { expect, test } from "vitest";
import { SyscallError } from "../../../src/linux/error.ts";
import { DecodeError } from "../../../src/netlink/codec/error.ts";
import { NLM_F } from "../../../src/netlink/codec/message.ts";
import { NetlinkError } from "../../../src/netlink/error.ts";
import { netfilter } from "../../../src/netlink/netfilter/protocol.ts";
import { rtnetlink } from "../../../src/netlink/route/protocol.ts";
import type { Request } from "../../../src/netlink/socket.ts";
import { FakeKernel } from "../../support/kernel/fake-kernel.ts";
import { ack, answer, error, multipart, type Reply } from "../../support/kernel/replies.ts";

const DUMP = { message: "RTM_GETLINK", body: {} } as const;
const UP = { message: "RTM_SETLINK", body: { ifi_index: 7, ifi_flags: 1, ifi_change: 1 } } as const;
/** More than fits into the 64 KiB that a socket reads at once. */
const LINKS_TOO_MANY = 3000;

function link(ifi_index: number): Request<typeof rtnetlink> {
  return { message: "RTM_NEWLINK", body: { ifi_index, IFLA_IFNAME: `v${ifi_index}` } };
}

function dumpNames(kernel: FakeKernel<typeof rtnetlink>): (string | undefined)[] {
  return kernel.socket.dump(DUMP, "RTM_NEWLINK").map(({ IFLA_IFNAME }) => IFLA_IFNAME);
}

test("dump() asks again until the list is of one moment when it changes meanwhile", () => {
  const lists = [
    multipart([link(1)], { isInterrupted: true }),
    multipart([link(1), link(2)], { isInterrupted: true }),
    multipart([link(2)]),
  ];
  const kernel = new FakeKernel(rtnetlink, () => lists.shift() ?? []);
  expect(dumpNames(kernel)).toEqual(["v2"]);
  expect(kernel.requests).toHaveLength(3);
  for (const { flags } of kernel.requests) expect(flags).toBe(NLM_F.REQUEST | NLM_F.DUMP);
});

test("dump() gives the tenth list when all of them change meanwhile", () => {
  const kernel = new FakeKernel(rtnetlink, (_, index) =>
    multipart([link(index + 1)], { isInterrupted: true }),
  );
  expect(dumpNames(kernel)).toEqual(["v10"]);
});

test("dump() throws what the list ends with when it is no success", () => {
  const kernel = new FakeKernel(rtnetlink, () => multipart([link(1)], { errno: "ENOBUFS" }));
  expect(() => dumpNames(kernel)).toThrow(new NetlinkError(refusal("RTM_GETLINK", "ENOBUFS")));
});

test("dump() throws RangeError when a datagram is longer than what it reads", () => {
  const links = Array.from({ length: LINKS_TOO_MANY }, (_, index) => link(index));
  const kernel = new FakeKernel(rtnetlink, () => multipart(links));
  expect(() => dumpNames(kernel)).toThrow(RangeError);
});

/** Its datagrams lack their last bytes. */
class CuttingKernel extends FakeKernel<typeof rtnetlink> {
  override receive(buffer: Uint8Array): number {
    return super.receive(buffer) - 4;
  }
}

test("dump() throws DecodeError when a datagram is cut within a message", () => {
  const kernel = new CuttingKernel(rtnetlink, () => multipart([link(1)]));
  expect(() => dumpNames(kernel)).toThrow(new DecodeError("message has length 20, 16 bytes are left"));
});

/** A signal comes before each datagram. */
class InterruptedKernel extends FakeKernel<typeof rtnetlink> {
  #isInterrupted = false;
  override receive(buffer: Uint8Array): number {
    this.#isInterrupted = !this.#isInterrupted;
    if (this.#isInterrupted) throw new SyscallError("recv", "EINTR", "netlink");
    return super.receive(buffer);
  }
}

test("dump() goes on reading when a signal interrupts it", () => {
  const kernel = new InterruptedKernel(rtnetlink, () => multipart([link(1)]));
  expect(dumpNames(kernel)).toEqual(["v1"]);
  expect(kernel.requests).toHaveLength(1);
});

/** It gives each datagram a second time, before the answer to the next request. */
class RepeatingKernel extends FakeKernel<typeof rtnetlink> {
  #last: Uint8Array | undefined;
  override receive(buffer: Uint8Array): number {
    const late = this.#last;
    this.#last = undefined;
    if (late === undefined) {
      const length = super.receive(buffer);
      this.#last = buffer.slice(0, length);
      return length;
    }
    buffer.set(late);
    return late.length;
  }
}

test("dump() passes over a reply that is another request's when it comes late", () => {
  const kernel = new RepeatingKernel(rtnetlink, (_, index) => multipart([link(index + 1)]));
  expect([1, 2, 3].flatMap(() => dumpNames(kernel))).toEqual(["v1", "v2", "v3"]);
});

test.for([
  {
    says: "the kernel's words and the attribute",
    details: { extAck: "MTU greater than the device maximum", attribute: "IFLA_MTU" },
    message: 'RTM_NEWLINK: EINVAL "MTU greater than the device maximum" at IFLA_MTU',
  },
  {
    says: "the path of the attribute",
    details: { extAck: "Unknown device type", attribute: "IFLA_LINKINFO/IFLA_INFO_KIND" },
    message: 'RTM_NEWLINK: EINVAL "Unknown device type" at IFLA_LINKINFO/IFLA_INFO_KIND',
  },
  { says: "the words alone", details: { extAck: "No way" }, message: 'RTM_NEWLINK: EINVAL "No way"' },
  { says: "the error alone", details: {}, message: "RTM_NEWLINK: EINVAL" },
])("request() throws an error that says $says when the kernel does", ({ details, message }) => {
  const kernel = new FakeKernel(rtnetlink, () => error("EINVAL", details));
  const body = { IFLA_MTU: 9000, IFLA_LINKINFO: { IFLA_INFO_KIND: "vrf" } };
  expect(() => kernel.socket.request({ message: "RTM_NEWLINK", body })).toThrow(message);
});

test("requestAll() throws the first refusal and has sent all when several are refused", () => {
  const errors = [ack(), error("EBUSY"), error("ENODEV"), ack()];
  const kernel = new FakeKernel(rtnetlink, () => errors.shift() ?? []);
  expect(() => kernel.socket.requestAll([UP, UP, UP, UP])).toThrow(
    new NetlinkError(refusal("RTM_SETLINK", "EBUSY")),
  );
  expect(kernel.requests).toHaveLength(4);
});

test("exchange() gives each request's own replies when there are more than go into one send", () => {
  const kernel = new FakeKernel(rtnetlink, (request) =>
    answer(link(request.message === "RTM_GETLINK" ? (request.body.ifi_index ?? 0) : 0)),
  );
  const indexes = Array.from({ length: 100 }, (_, index) => index + 1);
  const requests = indexes.map((ifi_index) => ({ message: "RTM_GETLINK", body: { ifi_index } }) as const);
  const replies = kernel.socket
    .exchange(requests)
    .map((outcome) => kernel.socket.decode(outcome.replies, "RTM_NEWLINK").map((body) => body.ifi_index));
  expect(replies).toEqual(indexes.map((index) => [index]));
});

type Nfnetlink = typeof netfilter;

/** Answers the n-th request of a batch with the n-th replies. */
function batchKernel(...replies: readonly (readonly Reply<Nfnetlink>[])[]): FakeKernel<Nfnetlink> {
  return new FakeKernel(netfilter, (_, index) => replies[index] ?? ack());
}

const TABLE = { message: "NFT_MSG_NEWTABLE", body: { NFTA_TABLE_NAME: "podwire" } } as const;

test("exchange() gives every request the refusal when a process without rights is answered once", () => {
  const kernel = batchKernel(error("EPERM"), [], []);
  const refused = kernel.socket.exchange([TABLE, TABLE, TABLE]).map(({ refusal: each }) => each?.errno);
  expect(refused).toEqual(["EPERM", "EPERM", "EPERM"]);
});

test("transact() puts the generation into the message that begins the batch", () => {
  const kernel = batchKernel();
  kernel.socket.transact([TABLE], 42);
  expect(kernel.names).toEqual(["NFNL_MSG_BATCH_BEGIN", "NFT_MSG_NEWTABLE", "NFNL_MSG_BATCH_END"]);
  expect(kernel.requests[0]?.body).toMatchObject({ res_id: 10, NFNL_BATCH_GENID: 42 });
});

test("transact() gives the refusal of each request when the kernel tells several", () => {
  const kernel = batchKernel([], error("EEXIST"), [], error("ENOENT"));
  const refused = kernel.socket.transact([TABLE, TABLE, TABLE]).map((each) => each?.errno);
  expect(refused).toEqual(["EEXIST", undefined, "ENOENT"]);
});

test("transact() throws when the kernel refuses the batch as a whole", () => {
  const kernel = batchKernel(error("ERESTART"), [], [], []);
  expect(() => kernel.socket.transact([TABLE, TABLE])).toThrow("NFNL_MSG_BATCH_BEGIN: ERESTART");
});

function refusal(request: string, errno: string) {
  return { request, errno, extAck: "", attribute: "" };
}
