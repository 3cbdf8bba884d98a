/** What an ADD goes on without when the kernel refuses its rules. */

import { expect, test } from "vitest";
import { trafficWithout } from "../../../../src/attachment/rules/traffic-without.ts";
import { NetlinkError } from "../../../../src/netlink/error.ts";
import { ForeignTable } from "../../../../src/nftables/tables/foreign.ts";
import { bridgeTable } from "../../../../src/nftables/tables/tables.ts";
import { record } from "../../../support/fixtures/records.ts";

const refused = new NetlinkError({
  request: "NFT_MSG_NEWCHAIN",
  errno: "EOPNOTSUPP",
  extAck: "",
  attribute: "",
});
const traffic = { kept: [], ingressPolicy: "open" } as const;

test.for([
  ["a refusal of the kernel", refused],
  ["a foreign table", new ForeignTable(bridgeTable, "set senders is another")],
] as const)("trafficWithout() leaves the default RA guard out when there is %s", ([, error]) => {
  expect(trafficWithout(error, record({ traffic: { ...traffic, raGuard: "default" } }))).toEqual(traffic);
});

test("trafficWithout() leaves nothing out when the RA guard was asked for, or none is wanted", () => {
  expect(trafficWithout(refused, record({ traffic: { ...traffic, raGuard: "required" } }))).toBeUndefined();
  expect(trafficWithout(refused, record({ traffic }))).toBeUndefined();
});

test("trafficWithout() leaves nothing out when the error is no refusal of rules", () => {
  const guarded = record({ traffic: { ...traffic, raGuard: "default" } });
  expect(trafficWithout(new Error("disk full"), guarded)).toBeUndefined();
});
