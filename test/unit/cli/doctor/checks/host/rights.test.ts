/** `podwire doctor rights`: what this process may look at. */

import { expect, test } from "vitest";
import { judgeRights } from "../../../../../../src/cli/doctor/checks/host/rights.ts";
import { said } from "../../../../../support/fixtures/doctor.ts";

const statusOf = (capabilities: string) =>
  `Name:\tpodwire\nCapPrm:\t0\nCapEff:\t${capabilities}\nCapBnd:\t0\n`;

test.for([
  ["everything", 0, "000001ffffffffff", ["ok", "root"]],
  ["what the agent's container may", 0, "0000000000203000", ["ok", "root"]],
  ["the network alone", 0, "0000000000001000", ["warning", "root, but without CAP_SYS_ADMIN"]],
  ["nothing", 0, "0000000000000000", ["warning", "root, but without CAP_NET_ADMIN and CAP_SYS_ADMIN"]],
  ["everything as somebody else", 1000, "000001ffffffffff", ["warning", "not root, but user 1000"]],
] as const)("judgeRights() says what is missing when the process may %s", ([, uid, capabilities, wanted]) => {
  expect(said(judgeRights(uid, statusOf(capabilities)))).toEqual([wanted]);
});
