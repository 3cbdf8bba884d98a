/** Requests: input that is no configuration, versions against verbs, names. */

import { expect, test } from "vitest";
import { readEnvironment } from "../../../src/cni/environment.ts";
import { decodeRequest, INPUT_LIMIT } from "../../../src/cni/request.ts";
import { type CniVersion, SUPPORTED_VERSIONS } from "../../../src/cni/versions.ts";
import { bytesOf, cniErrorOf, ENVIRONMENT } from "../../support/fixtures/request.ts";

function decode(text: string, command = "ADD") {
  return decodeRequest(readEnvironment({ ...ENVIRONMENT, CNI_COMMAND: command }), bytesOf(text));
}

const BAD: [name: string, text: string, code: number, message: RegExp][] = [
  ["empty", "", 6, /not JSON/],
  ["cut", '{"name":', 6, /not JSON/],
  ["followed by more", '{"name":"a"} x', 6, /not JSON/],
  ["a list", "[]", 7, /an object/],
  ["null", "null", 7, /an object/],
  ["without a name", '{"cniVersion":"1.0.0"}', 7, /^name: missing network name/],
  ["with an empty name", '{"cniVersion":"1.0.0","name":""}', 7, /^name: missing network name/],
  ["with null for a name", '{"cniVersion":"1.0.0","name":null}', 7, /^name: missing network name/],
  ["with a number for a name", '{"cniVersion":"1.0.0","name":1}', 7, /^name: got 1/],
  ["with a slash in its name", '{"cniVersion":"1.0.0","name":"a/b"}', 7, /^name: "a\/b"/],
  ["with dots for a name", '{"cniVersion":"1.0.0","name":".."}', 7, /^name: "\.\."/],
  ["of an unknown version", '{"cniVersion":"0.5.0","name":"a"}', 1, /^incompatible CNI versions/],
  ["of a version that is a number", '{"cniVersion":1,"name":"a"}', 7, /^cniVersion: got 1/],
];

test.for(BAD)("decodeRequest() gives the right code when the input is %s", ([, text, code, message]) => {
  expect(cniErrorOf(() => decode(text))).toMatchObject({ code, message: expect.stringMatching(message) });
});

test("decodeRequest() takes input when it is as long as the limit", () => {
  const head = '{"cniVersion":"1.1.0","name":"a","x":"';
  expect(INPUT_LIMIT).toBe(1_048_576);
  expect(decode(`${head}${"x".repeat(INPUT_LIMIT - head.length - 2)}"}`).network).toBe("a");
});

test("decodeRequest() gives code 6 when the input is one byte longer than the limit", () => {
  const head = '{"cniVersion":"1.1.0","name":"a","x":"';
  const text = `${head}${"x".repeat(INPUT_LIMIT - head.length - 1)}"}`;
  expect(cniErrorOf(() => decode(text))).toMatchObject({
    code: 6,
    message: expect.stringContaining("1048576"),
  });
});

test("decodeRequest() counts bytes when the input has characters of several", () => {
  const text = `{"cniVersion":"1.1.0","name":"a","x":"${"é".repeat(INPUT_LIMIT / 2)}"}`;
  expect(cniErrorOf(() => decode(text))).toMatchObject({ code: 6 });
});

test.for(['{"name":"a"}', '{"name":"a","cniVersion":""}', '{"name":"a","cniVersion":null}'])(
  "decodeRequest() takes version 0.1.0 when the configuration is %s",
  (text) => {
    expect(decode(text).cniVersion).toBe("0.1.0");
  },
);

const SINCE: [verb: string, since: CniVersion][] = [
  ["ADD", "0.1.0"],
  ["DEL", "0.1.0"],
  ["CHECK", "0.4.0"],
  ["GC", "1.1.0"],
  ["STATUS", "1.1.0"],
];

const VERBS_AND_VERSIONS = SINCE.flatMap(([verb, since]) =>
  SUPPORTED_VERSIONS.map((version) => ({
    verb,
    version,
    isAllowed: SUPPORTED_VERSIONS.indexOf(version) >= SUPPORTED_VERSIONS.indexOf(since),
  })),
);

test.for(VERBS_AND_VERSIONS)(
  "decodeRequest() allows $verb by the specification when the version is $version",
  (row) => {
    const read = () => decode(JSON.stringify({ cniVersion: row.version, name: "a" }), row.verb);
    if (row.isAllowed)
      expect(read()).toMatchObject({ cniVersion: row.version, command: row.verb, network: "a" });
    else
      expect(cniErrorOf(read)).toMatchObject({
        code: 1,
        message: `config version does not allow ${row.verb}`,
      });
  },
);

test("decodeRequest() keeps the text as it came when a delegated plugin will read it", () => {
  const text = ' {"NAME":"a", "cniVersion":"1.0.0","other":{"k":[1.50]}}\n';
  expect(decode(text)).toMatchObject({ stdin: text, network: "a", containerId: "c1", ifname: "eth0" });
});
