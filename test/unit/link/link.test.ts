/** Interfaces looked up and removed while others do the same. */

import { expect, test } from "vitest";
import { deleteLink, deleteLinks, getLinks } from "../../../src/link/link.ts";
import { rtnetlink } from "../../../src/netlink/route/protocol.ts";
import { FakeKernel } from "../../support/kernel/fake-kernel.ts";
import { ack, answer, error } from "../../support/kernel/replies.ts";

const V1 = { message: "RTM_NEWLINK", body: { ifi_index: 7, IFLA_IFNAME: "v1" } } as const;

test("getLinks() gives undefined in the place of each that does not exist", () => {
  const kernel = new FakeKernel(rtnetlink, (_, index) => (index === 1 ? answer(V1) : error("ENODEV")));
  const links = getLinks(kernel.socket, ["v0", "v1", "v2"]);
  expect(links.map((link) => link?.ifindex)).toEqual([undefined, 7, undefined]);
});

test("getLinks() throws when the kernel refuses for another reason than a missing interface", () => {
  const kernel = new FakeKernel(rtnetlink, (_, index) => (index === 0 ? answer(V1) : error("ENOMEM")));
  expect(() => getLinks(kernel.socket, ["v1", "v2"])).toThrow("RTM_GETLINK: ENOMEM");
});

test("deleteLink() throws when the kernel refuses for another reason than a missing interface", () => {
  const kernel = new FakeKernel(rtnetlink, () => error("EOPNOTSUPP"));
  expect(() => deleteLink(kernel.socket, 7)).toThrow("RTM_DELLINK: EOPNOTSUPP");
});

test("deleteLinks() passes when all go between being put into the group and its removal", () => {
  const kernel = new FakeKernel(rtnetlink, ({ message }) =>
    message === "RTM_DELLINK" ? error("ENODEV") : ack(),
  );
  deleteLinks(kernel.socket, [7, 8]);
  expect(kernel.names).toEqual(["RTM_SETLINK", "RTM_SETLINK", "RTM_DELLINK"]);
});

test("deleteLinks() throws when the kernel refuses to remove the group", () => {
  const kernel = new FakeKernel(rtnetlink, ({ message }) =>
    message === "RTM_DELLINK" ? error("EOPNOTSUPP") : ack(),
  );
  expect(() => deleteLinks(kernel.socket, [7, 8])).toThrow("RTM_DELLINK: EOPNOTSUPP");
});
