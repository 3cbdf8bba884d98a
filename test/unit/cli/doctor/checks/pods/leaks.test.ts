/** `podwire doctor leaks`: what dead pods have left. */

import { expect, test } from "vitest";
import { judgeGarbage } from "../../../../../../src/cli/doctor/checks/pods/leaks.ts";
import { said } from "../../../../../support/fixtures/doctor.ts";
import { address } from "../../../../../support/fixtures/values.ts";

const NOTHING = { attachments: [], addresses: [], unclear: [], leftAlone: [] };
const attachment = { network: "mynet", containerId: "c1", ifname: "eth0" };
const STALE = { attachment, netns: "", reason: "its pod is gone", isRecorded: true };
const holder = { address: address("10.1.0.9"), owner: undefined, record: undefined, state: "stale" } as const;
const ADDRESS = { directory: { dataDir: "/d", network: "mynet" }, holder };
const fix = () => [];

test.for([
  ["there is nothing", {}, [["ok", "nothing is left of pods that are gone"]]],
  ["an attachment is left", { attachments: [STALE] }, [["warning", "1 attachment of pods that are gone"]]],
  ["addresses are left", { addresses: [ADDRESS, ADDRESS] }, [["warning", "2 addresses that nobody has"]]],
  [
    "an attachment without a record may live",
    { unclear: [attachment] },
    [["warning", "1 attachment without a record, whose pod may live"]],
  ],
  [
    "the configuration keeps an attachment",
    { leftAlone: [{ what: "mynet/c1/eth0", reason: "it says so" }] },
    [["warning", "1 attachment or address of dead pods that gc leaves alone"]],
  ],
] as const)("judgeGarbage() says what is left when %s", ([, more, wanted]) => {
  expect(said(judgeGarbage({ ...NOTHING, ...more }, fix))).toEqual(wanted);
});

test("judgeGarbage() mends everything at once when more than one thing is left, and nothing of what may live", () => {
  const found = judgeGarbage(
    { ...NOTHING, attachments: [STALE], addresses: [ADDRESS], unclear: [attachment] },
    fix,
  );
  expect(found.map((one) => one.fix)).toEqual([fix, fix, undefined]);
});
