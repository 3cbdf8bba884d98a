/** CNI_ARGS: pairs, unknown keys, and what stops nothing. */

import { expect, test } from "vitest";
import { checkArguments, readArguments, readPodName } from "../../../src/cni/arguments.ts";
import { cniErrorOf } from "../../support/fixtures/request.ts";

test.for([
  ["", []],
  ["A=1", [["A", "1"]]],
  [
    "A=1;B=2",
    [
      ["A", "1"],
      ["B", "2"],
    ],
  ],
  ["A=1;A=2", [["A", "2"]]],
  ["A=x=y=", [["A", "x=y="]]],
  [
    "A=;B=2;",
    [
      ["A", ""],
      ["B", "2"],
    ],
  ],
  ["junk;B=2", [["B", "2"]]],
] as [string, [string, string][]][])("readArguments() reads the pairs when given %j", ([text, pairs]) => {
  expect([...readArguments(text)]).toEqual(pairs);
});

test.for([
  "",
  ";",
  "MAC=02:00:00:00:00:01",
  "IP=10.1.0.5",
  "PODWIRE_NETWORK=web;PODWIRE_PERF_TIER=high",
  "IgnoreUnknown=0",
  "K8S_POD_NAME=a;K8S_POD_NAMESPACE=b;K8S_POD_INFRA_CONTAINER_ID=c;K8S_POD_UID=d",
  "IgnoreUnknown=1;FOO=bar",
  "FOO=bar;IgnoreUnknown=true",
  "FOO=bar;IgnoreUnknown=True",
])("checkArguments() accepts what it knows when given %j", (text) => {
  expect(() => checkArguments(text)).not.toThrow();
});

test.for([
  ["FOO=bar", "FOO"],
  ["FOO=bar;IgnoreUnknown=0", "FOO"],
  ["IgnoreUnknown=yes;A=1;B=2", "A, B"],
  ["mac=02:00:00:00:00:01", "mac"],
  ["PODWIRE_TIER=high", "PODWIRE_TIER"],
  ["junk", "junk"],
  ["IgnoreUnknown=1;junk", "junk"],
] as const)("checkArguments() gives code 4 with the key when given %j", ([text, named]) => {
  expect(cniErrorOf(() => checkArguments(text))).toMatchObject({
    code: 4,
    message: expect.stringMatching(new RegExp(`^CNI_ARGS: .*${named}`)),
  });
});

test.for([
  [
    "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart-0;K8S_POD_UID=7c2",
    { namespace: "shop", name: "cart-0", uid: "7c2" },
  ],
  ["K8S_POD_NAME=cart-0", { namespace: "", name: "cart-0", uid: "" }],
  ["K8S_POD_NAMESPACE=shop;K8S_POD_NAME=", undefined],
  ["K8S_POD_NAMESPACE=shop", undefined],
  ["", undefined],
] as const)("readPodName() finds whom the container is for when given %j", ([text, pod]) => {
  expect(readPodName(text)).toEqual(pod);
});
