/** The command line of the benchmark. */

import { expect, test } from "vitest";
import { readOptions } from "./options.ts";

test("readOptions() measures all suites in 40 rounds when nothing is said", () => {
  expect(readOptions([])).toEqual({
    suites: ["bridge", "traffic", "networks"],
    rounds: 40,
    isQuick: false,
    isChecked: false,
  });
});

test.for([
  { args: ["--suite", "traffic"], want: { suites: ["traffic"] } },
  { args: ["--suite", "traffic", "--suite", "traffic"], want: { suites: ["traffic"] } },
  { args: ["--quick"], want: { rounds: 10, isQuick: true } },
  { args: ["--pairs", "3", "--quick"], want: { rounds: 3, isQuick: true } },
  { args: ["--plot", "a.svg", "--json", "a.json"], want: { plotFile: "a.svg", jsonFile: "a.json" } },
  { args: ["--reference", "/a", "--reference", "/b"], want: { directories: ["/a", "/b"] } },
  { args: ["--against", "/a/podwire"], want: { others: ["/a/podwire"] } },
])("readOptions() gives $want when it reads $args", ({ args, want }) => {
  expect(readOptions(args)).toMatchObject(want);
});

test.for([
  { args: ["--suite", "all"], message: "--suite all: want bridge, traffic, networks" },
  { args: ["--suite", "toString"], message: "--suite toString: want" },
  { args: ["--pairs", "0"], message: "--pairs 0: want a whole number above 0" },
  { args: ["--suite", "bridge", "--plot", "a.svg"], message: "--plot draws the suite traffic" },
  { args: ["--against", "/a", "--reference", "/b"], message: "give one of them" },
  { args: ["--fast"], message: "--fast" },
])("readOptions() refuses when it reads $args", ({ args, message }) => {
  expect(() => readOptions(args)).toThrow(message);
});
