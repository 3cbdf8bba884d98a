/** Reservation files: host-local's format to the byte, what is forgiven, what names nobody. */

import { expect, test } from "vitest";
import { formatOwner, parseOwner, sameOwner } from "../../../src/ipam/owner.ts";

test("formatOwner() writes host-local's bytes when given container and interface", () => {
  expect(formatOwner({ containerId: "c1", ifname: "eth0" })).toBe("c1\r\neth0");
});

test("formatOwner() writes the container alone when the interface is unknown", () => {
  expect(formatOwner({ containerId: "c1" })).toBe("c1");
});

test.for([
  ["c1\r\neth0", { containerId: "c1", ifname: "eth0" }],
  ["c1\neth0", { containerId: "c1", ifname: "eth0" }],
  [" c1\r\neth0\r\n", { containerId: "c1", ifname: "eth0" }],
  ["\tc1\n", { containerId: "c1" }],
  ["c1", { containerId: "c1" }],
  [`${"a".repeat(64)}\r\n${"b".repeat(15)}`, { containerId: "a".repeat(64), ifname: "b".repeat(15) }],
  ["c1\r\nnet1.100", { containerId: "c1", ifname: "net1.100" }],
] as const)("parseOwner() reads what host-local wrote when the file is %j", ([text, owner]) => {
  expect(parseOwner(text)).toEqual(owner);
});

test.for([
  "",
  " \r\n",
  "\0\0\0\0",
  "c 1",
  "c1\r\neth0\r\nmore",
  "c1\r\n\0\0\0\0",
  "-c1\r\neth0",
  "c1\r\neth/0",
  "c1 eth0",
])("parseOwner() gives undefined when the file is %j", (text) => {
  expect(parseOwner(text)).toBeUndefined();
});

test.for([
  [{ containerId: "a", ifname: "eth0" }, { containerId: "a", ifname: "eth0" }, true],
  [{ containerId: "a", ifname: "eth0" }, { containerId: "a", ifname: "eth1" }, false],
  [{ containerId: "a", ifname: "eth0" }, { containerId: "b", ifname: "eth0" }, false],
  [{ containerId: "a" }, { containerId: "a", ifname: "eth0" }, false],
  [{ containerId: "a" }, { containerId: "a" }, true],
] as const)("sameOwner() compares container and interface when given %j and %j", ([a, b, wanted]) => {
  expect(sameOwner(a, b)).toBe(wanted);
});
