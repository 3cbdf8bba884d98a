/** Endpoints: what their JSON may say, what is refused, and whether they fit their network. */

import { expect, test } from "vitest";
import { decodeEndpoint, describeMisfit, encodeEndpoint } from "../../../../src/network/format/endpoint.ts";
import { located, network, WEB_RANGE, WEB_RANGE_6 } from "../../../support/fixtures/networks.ts";
import { address } from "../../../support/fixtures/values.ts";

const ID = { namespace: "default", name: "ep1" };
const EP1 = { network: "web", addresses: ["10.10.120.91"] };

test("decodeEndpoint() gives addresses as values when all that it needs is there", () => {
  expect(decodeEndpoint(located(EP1), ID)).toStrictEqual({
    ...ID,
    network: "web",
    addresses: [address("10.10.120.91")],
  });
});

test.for([
  [{ ...ID, ...EP1 }],
  [{ ...ID, ...EP1, addresses: ["fd00::91", "10.10.120.91"], labels: { app: "db" } }],
] as const)("encodeEndpoint() undoes decodeEndpoint() when given %j", ([document]) => {
  expect(encodeEndpoint(decodeEndpoint(located(document), ID))).toEqual(document);
});

test.for([
  ["network", { network: undefined }, "is missing"],
  ["network", { network: "We b" }, /^want 1 to 63 small letters/],
  ["addresses", { addresses: undefined }, "is missing"],
  ["addresses", { addresses: [] }, "want a list of at least one, got []"],
  ["addresses[0]", { addresses: ["10.10.120.91/24"] }, /^want an address like/],
  ["addresses[1]", { addresses: ["10.10.120.91", "10.10.120.92"] }, /same family/],
  ["namespace", { namespace: "kube-system" }, '"kube-system" is not as the file is called, "default"'],
  ["name", { name: "ep2" }, '"ep2" is not as the file is called, "ep1"'],
  ["ip", { ip: "10.10.120.91" }, /^is unknown/],
] as const)("decodeEndpoint() refuses %s when given %j", ([field, more, problem]) => {
  expect(() => decodeEndpoint(located({ ...EP1, ...more }), ID)).toThrow(
    expect.objectContaining({
      field,
      problem: typeof problem === "string" ? problem : expect.stringMatching(problem),
    }),
  );
});

test.for([
  [["10.10.120.91"], [WEB_RANGE], undefined],
  [["fd00:120::91", "10.10.120.91"], [WEB_RANGE, WEB_RANGE_6], undefined],
  [
    ["10.10.120.101"],
    [WEB_RANGE],
    /10\.10\.120\.101 is not in the range 10\.10\.120\.11-10\.10\.120\.100 of network "web"/,
  ],
  [["fd00:120::91"], [WEB_RANGE], /fd00:120::91 is not in the range/],
  [["10.10.120.91"], [WEB_RANGE, WEB_RANGE_6], /has the range fd00:120::11-fd00:120::1ff too/],
] as const)(
  "describeMisfit() holds %j against the ranges when they are %j",
  ([addresses, ranges, wanted]) => {
    const misfit = describeMisfit(addresses.map(address), network("web", { ranges }));
    if (wanted === undefined) expect(misfit).toBeUndefined();
    else expect(misfit).toMatch(wanted);
  },
);
