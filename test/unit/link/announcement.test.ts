/** Announcements of addresses, held against those that the kernel makes with arp_notify and ndisc_notify. */

import { expect, test } from "vitest";
import { announcementOf } from "../../../src/link/announcement.ts";
import { address } from "../../support/fixtures/values.ts";

const MAC = "02:00:00:00:00:01";

/** Captured from Linux 6.18 by `tcpdump -xx` when an interface with these addresses came up. */
const frames = [
  {
    name: "IPv4",
    text: "10.1.0.2",
    hex: `ffff ffff ffff 0200 0000 0001 0806 0001
          0800 0604 0001 0200 0000 0001 0a01 0002
          0000 0000 0000 0a01 0002`,
  },
  {
    name: "IPv6",
    text: "fd00:1::2",
    hex: `3333 0000 0001 0200 0000 0001 86dd 6000
          0000 0020 3aff fd00 0001 0000 0000 0000
          0000 0000 0002 ff02 0000 0000 0000 0000
          0000 0000 0001 8800 5a97 2000 0000 fd00
          0001 0000 0000 0000 0000 0000 0002 0201
          0200 0000 0001`,
  },
];

test.for(frames)("announcementOf() writes the kernel's frame when the address is $name", ({ text, hex }) => {
  expect(announcementOf(MAC, address(text)).toHex()).toBe(hex.replaceAll(/\s/g, ""));
});

test("announcementOf() carries the right checksum when adding the carry gives another carry", () => {
  const frame = announcementOf(MAC, address("fd00:1::2d4e:ffff"));
  // RFC 1071: with its checksum in it, a message and its pseudo header sum up to all ones.
  const words = [...frame.subarray(22).toHex().matchAll(/.{4}/g)].map(([word]) => Number.parseInt(word, 16));
  const sum = words.reduce((total, word) => total + word, 32 + 58);
  expect(sum % 0xffff).toBe(0);
});
