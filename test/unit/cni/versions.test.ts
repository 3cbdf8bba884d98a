/** Versions: the list, their order, and the answer to VERSION. */

import { expect, test } from "vitest";
import { encodeVersions } from "../../../src/cni/version-answer.ts";
import { isAtLeast, requireSupported, SUPPORTED_VERSIONS } from "../../../src/cni/versions.ts";
import { CniError } from "../../../src/error/cni-error.ts";
import { bytesOf, cniErrorOf } from "../../support/fixtures/request.ts";

const ALL = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

test.for([
  ["", "1.1.0"],
  ["no JSON", "1.1.0"],
  ["null", "1.1.0"],
  ["[]", "1.1.0"],
  ["{}", "1.1.0"],
  ['{"cniVersion":"9.9.9"}', "1.1.0"],
  ['{"cniVersion":"0.4.0"}', "0.4.0"],
  ['{"cniVersion":"1.0.0","name":""}', "1.0.0"],
  ['{"cniVersion": "1.0.0", "name', "1.0.0"],
  ['{"args": {"cniVersion": "1.0.0", "name', "1.1.0"],
] as const)("encodeVersions() lists all versions when the input is %j", ([text, cniVersion]) => {
  expect(encodeVersions(bytesOf(text))).toEqual({ cniVersion, supportedVersions: ALL });
});

test("isAtLeast() follows the list when given any two versions", () => {
  for (const [i, a] of SUPPORTED_VERSIONS.entries())
    for (const [j, b] of SUPPORTED_VERSIONS.entries()) expect(isAtLeast(a, b)).toBe(i >= j);
});

test.for(["0.5.0", "1.1", "1.1.0 ", "v1.0.0", "2.0.0"])(
  "requireSupported() gives code 1 with both sides when given %j",
  (text) => {
    const error = cniErrorOf(() => requireSupported(text));
    expect(error).toMatchObject({ code: 1, message: "incompatible CNI versions" });
    expect(error.details).toContain(`"${text}"`);
    expect(error.details).toContain(ALL.join(", "));
  },
);

test.for([
  ["", {}],
  ["try again", { details: "try again" }],
] as const)("CniError.toDocument() prints no empty details when they are %j", ([details, printed]) => {
  const document = new CniError(11, "taken", details).toDocument("1.0.0");
  expect(document).toEqual({ cniVersion: "1.0.0", code: 11, msg: "taken", ...printed });
});
