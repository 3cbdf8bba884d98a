/** resolv.conf as host-local reads it. */

import { expect, test } from "vitest";
import { parseResolvConf } from "../../../src/ipam/resolv-conf.ts";

test.for([
  ["", {}],
  ["nameserver 192.0.2.1\n", { nameservers: ["192.0.2.1"] }],
  ["nameserver 192.0.2.1\nnameserver fd00::53", { nameservers: ["192.0.2.1", "fd00::53"] }],
  ["# nameserver 192.0.2.1\n; domain a\n#search b\n", {}],
  ["  nameserver\t192.0.2.1  \r\n", { nameservers: ["192.0.2.1"] }],
  ["nameserver 192.0.2.1 trailing words", { nameservers: ["192.0.2.1"] }],
  ["domain a\ndomain b\n", { domain: "b" }],
  ["domain a\ndomain\n", { domain: "a" }],
  ["search a b\nsearch c\n", { search: ["a", "b", "c"] }],
  ["options ndots:5\noptions timeout:1 rotate\n", { options: ["ndots:5", "timeout:1", "rotate"] }],
  ["nameserver\nsearch\noptions\ndomain\n", {}],
  ["sortlist 192.0.2.0\nNAMESERVER 192.0.2.1\n", {}],
  [
    "nameserver 192.0.2.0\nnameserver 192.0.2.1\nsearch example.com sub.example.com\ndomain mydomain.net\noptions foo bar\n",
    {
      nameservers: ["192.0.2.0", "192.0.2.1"],
      search: ["example.com", "sub.example.com"],
      domain: "mydomain.net",
      options: ["foo", "bar"],
    },
  ],
] as const)("parseResolvConf() reads the four directives when given %j", ([text, wanted]) => {
  expect(parseResolvConf(text)).toEqual(wanted);
});
