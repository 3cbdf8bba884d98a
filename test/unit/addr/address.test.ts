/** Addresses: what is one, how it is written, and that an independent library says the same. */

import fc from "fast-check";
import { Address4, Address6 } from "ip-address";
import { expect, test } from "vitest";
import {
  addressFromBytes,
  addressPlus,
  addressToBytes,
  formatAddress,
  parseAddress,
  sameAddress,
} from "../../../src/addr/address.ts";
import { address, anyAddress, isMapped } from "../../support/fixtures/values.ts";

const CANONICAL: [text: string, written: string][] = [
  ["0.0.0.0", "0.0.0.0"],
  ["255.255.255.255", "255.255.255.255"],
  ["10.1.0.5", "10.1.0.5"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["FD00::00AB", "fd00::ab"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["0:0:1:0:0:0:0:1", "0:0:1::1"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ["::ffff:10.1.2.3", "::ffff:10.1.2.3"],
  ["::ffff:a01:203", "::ffff:10.1.2.3"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
];

test.for(CANONICAL)("formatAddress() writes the canonical form when given %s", ([text, written]) => {
  expect(formatAddress(address(text))).toBe(written);
});

test.for([
  "",
  "1",
  "1.2.3",
  "1.2.3.4.5",
  "1.2.3.",
  ".1.2.3",
  "01.2.3.4",
  "1.2.3.256",
  "1.2.3.1000",
  "0x10.1.1.1",
  " 1.2.3.4",
  "1.2.3.4 ",
  "1.2.3.-4",
  "1.2.3.4/24",
  "1,2,3,4",
  "١.2.3.4",
  ":",
  ":::",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  "::1::2",
  "1::2::3",
  ":1::",
  "1:",
  ":1",
  "12345::",
  "g::",
  "fe80::1%eth0",
  "::1.2.3",
  "::1.2.3.256",
  "1.2.3.4::",
  "::1.2.3.4:5",
  "1:2:3:4:5:6:7:1.2.3.4",
  "[::1]",
  "::1 ",
  "::/0",
  "nan::",
  "::NaN",
  "0x1::",
  "::1 :2",
  "+1::",
  "1e1.2.3.4",
])("parseAddress() gives undefined when given %j", (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test("parseAddress() undoes formatAddress() when given any address", () => {
  fc.assert(
    fc.property(anyAddress, (value) => {
      expect(parseAddress(formatAddress(value))).toEqual(value);
    }),
  );
});

test("addressFromBytes() undoes addressToBytes() when given any address", () => {
  fc.assert(
    fc.property(anyAddress, (value) => {
      expect(addressFromBytes(addressToBytes(value))).toEqual(value);
    }),
  );
});

test.for([0, 1, 3, 5, 8, 15, 17])("addressFromBytes() gives undefined when given %i bytes", (length) => {
  expect(addressFromBytes(new Uint8Array(length))).toBeUndefined();
});

test.for([
  ["10.1.0.5", "0a010005"],
  ["fd00::1:ab", "fd0000000000000000000000000100ab"],
] as const)("addressToBytes() gives network byte order when given %s", ([text, hex]) => {
  expect(addressToBytes(address(text)).toHex()).toBe(hex);
});

test("formatAddress() and parseAddress() agree with ip-address when given any address", () => {
  fc.assert(
    fc.property(
      anyAddress.filter((value) => !isMapped(value)),
      (value) => {
        const theirs =
          value.family === 4 ? Address4.fromBigInt(value.value) : Address6.fromBigInt(value.value);
        expect(formatAddress(value)).toBe(theirs.correctForm());
        expect(parseAddress(theirs.correctForm())).toEqual(value);
      },
    ),
  );
});

test("parseAddress() reads the full form of ip-address when given any IPv6 address", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (value) => {
      expect(parseAddress(Address6.fromBigInt(value).canonicalForm())).toEqual({ family: 6, value });
    }),
  );
});

const PLUS: [text: string, count: bigint, sum: string | undefined][] = [
  ["10.0.0.255", 1n, "10.0.1.0"],
  ["10.0.1.0", -1n, "10.0.0.255"],
  ["255.255.255.255", 1n, undefined],
  ["0.0.0.0", -1n, undefined],
  ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1n, undefined],
  ["::ffff", 1n, "::1:0"],
];

test.for(PLUS)(
  "addressPlus() stays inside the address space when %s is moved by %s",
  ([text, count, sum]) => {
    expect(addressPlus(address(text), count)).toEqual(sum === undefined ? undefined : address(sum));
  },
);

test("sameAddress() is false when only the number is the same", () => {
  expect(sameAddress(address("0.0.0.1"), address("::1"))).toBe(false);
});

test("sameAddress() is true when two texts mean one address", () => {
  expect(sameAddress(address("fd00::1"), address("FD00:0:0::0001"))).toBe(true);
});
