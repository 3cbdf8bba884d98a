/** What is read of configurations that are broken. */

import { expect, test } from "vitest";
import { networkIn } from "../../../src/cni/readable.ts";
import { bytesOf } from "../../support/fixtures/request.ts";

test.for([
  ["", undefined],
  ["null", undefined],
  ['{"name":"mynet"}', "mynet"],
  ['{"name":"../mynet"}', undefined],
  ['{"name":7}', undefined],
  ['{"cniVersion": 7, "name":"mynet"}', "mynet"],
  ['{"cniVersion": "1.0.0", "name" : "mynet", "ipam": {"na', "mynet"],
  ['{"cniVersion": "1.0.0", "name": "myn', undefined],
  ['{"args": {"cni": {"name": "else"', undefined],
  ['[{"name": "else"', undefined],
] as const)("networkIn() reads %j as %j", ([text, network]) => {
  expect(networkIn(bytesOf(text))).toBe(network);
});
