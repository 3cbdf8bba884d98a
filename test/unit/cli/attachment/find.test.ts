/** What a person may call an attachment. */

import { expect, test } from "vitest";
import type { AttachmentRecord } from "../../../../src/attachment/record/record.ts";
import { findAttachments } from "../../../../src/cli/attachment/find.ts";
import { record } from "../../../support/fixtures/records.ts";

const CART = record({ containerId: "c0ffee01", pod: { namespace: "shop", name: "cart", uid: "" } });
const CART_1 = record({ ...CART, ifname: "eth1", primary: "eth0" });
const OTHER = record({ containerId: "c0ffee02", pod: { namespace: "test", name: "cart", uid: "" } });
const BARE = record({ containerId: "beef" });
// A container whose whole ID is the beginning of another's.
const SHORT = record({ containerId: "c0ffee" });
const NAMED = record({ containerId: "named", ifname: "net0", companions: ["eth1"] });
const COMPANION = record({ containerId: "named", ifname: "eth1", primary: "net0" });
const ALL = [OTHER, COMPANION, NAMED, CART_1, CART, BARE, SHORT];

function found(text: string): string[] {
  const name = ({ containerId, ifname }: AttachmentRecord) => `${containerId} ${ifname}`;
  return findAttachments(text, ALL).map(name);
}

test.for([
  ["a container ID", "c0ffee01", ["c0ffee01 eth0", "c0ffee01 eth1"]],
  ["a whole ID that others begin with", "c0ffee", ["c0ffee eth0"]],
  ["the beginning of an ID", "be", ["beef eth0"]],
  ["the beginning of several", "c0f", ["c0ffee eth0", "c0ffee01 eth0", "c0ffee01 eth1", "c0ffee02 eth0"]],
  ["a pod with its namespace", "shop/cart", ["c0ffee01 eth0", "c0ffee01 eth1"]],
  ["a pod's name alone", "cart", ["c0ffee01 eth0", "c0ffee01 eth1", "c0ffee02 eth0"]],
  ["an attachment as messages name it", "mynet/c0ffee01/eth1", ["c0ffee01 eth1"]],
  ["a container whose first interface comes late in the alphabet", "named", ["named net0", "named eth1"]],
  ["the beginning of a pod's name", "car", []],
  ["another namespace", "prod/cart", []],
  ["nothing", "", []],
] as const)("findAttachments() finds what is meant when given %s", ([, text, expected]) => {
  expect(found(text)).toEqual(expected);
});
