/** `podwire doctor configuration`: which file the runtime takes, and whether it can be followed. */

import { expect, test } from "vitest";
import {
  judgeContent,
  judgeForm,
  judgeOrder,
  judgePlugins,
} from "../../../../../../src/cli/doctor/checks/network/configuration.ts";
import { refused } from "../../../../../../src/cli/failure.ts";
import { toFields } from "../../../../../../src/json/fields.ts";
import type { Configuration } from "../../../../../../src/node/configurations.ts";
import { commands, said } from "../../../../../support/fixtures/doctor.ts";

const DIR = "/etc/cni/net.d";

function configuration(
  name: string,
  types: readonly string[],
  more: Partial<Configuration> = {},
): Configuration {
  const plugins = types.map((type, index) => toFields({ path: `plugins[${index}]`, value: { type } }));
  return { file: `${DIR}/${name}`, name, plugins, isList: true, disablesGc: false, ...more };
}

const OWN = configuration("10-mynet.conflist", ["podwire", "portmap"]);
const OTHER = configuration("05-other.conflist", ["bridge", "portmap"]);
const BROKEN = configuration("05-broken.conflist", [], { fault: "is no JSON" });

test.for([
  ["there is no file", [], "fault", "there is no configuration in /etc/cni/net.d"],
  ["no file is ours", [OTHER], "fault", "no configuration in /etc/cni/net.d names podwire"],
  [
    "ours is first",
    [OWN, { ...OTHER, file: `${DIR}/20-other.conflist` }],
    "ok",
    `the runtime takes ${OWN.file}, network "10-mynet.conflist"`,
  ],
  [
    "another is first",
    [OTHER, OWN],
    "fault",
    `the runtime takes ${OTHER.file} (bridge, portmap), not ${OWN.file}`,
  ],
  [
    "a broken one is first",
    [BROKEN, OWN],
    "ok",
    `the runtime takes ${OWN.file}, network "10-mynet.conflist"`,
  ],
  [
    "one is first that asks others",
    [configuration("00-multus.conf", ["multus"], { isList: false }), OWN],
    "ok",
    `the runtime takes ${DIR}/00-multus.conf: multus asks podwire for the network "10-mynet.conflist"`,
  ],
] as const)("judgeOrder() says which file counts when %s", ([, files, level, text]) => {
  expect(said(judgeOrder(files, DIR))).toEqual([[level, text]]);
});

test("judgeOrder() gives the command that takes the other away when it is first", () => {
  expect(commands(judgeOrder([OTHER, OWN], DIR))).toEqual([`mv ${OTHER.file} ${OTHER.file}.disabled`]);
});

test.for([
  ["a broken file comes first", [BROKEN, OWN], "fault", `${BROKEN.file}: is no JSON`],
  [
    "a broken file comes last",
    [OWN, { ...BROKEN, file: `${DIR}/99-broken.conf` }],
    "warning",
    `${DIR}/99-broken.conf: is no JSON`,
  ],
  ["a broken file is alone", [BROKEN], "fault", `${BROKEN.file}: is no JSON`],
  [
    "a list has the suffix of a single one",
    [{ ...OWN, file: `${DIR}/10-mynet.conf` }],
    "fault",
    `${DIR}/10-mynet.conf: has "plugins", so its name has to end in .conflist`,
  ],
  [
    "a single one has the suffix of a list",
    [{ ...OWN, isList: false }],
    "fault",
    `${OWN.file}: has no "plugins", so its name has to end in .conf`,
  ],
  [
    "two have one name",
    [OWN, { ...OTHER, name: OWN.name }],
    "warning",
    `${OWN.file} and ${OTHER.file} both describe the network "10-mynet.conflist"`,
  ],
] as const)("judgeForm() says what is wrong when %s", ([, files, level, text]) => {
  expect(said(judgeForm(files))).toEqual([[level, text]]);
});

test("judgeForm() is content when all files have the form of their suffix", () => {
  const single = configuration("20-single.conf", ["bridge"], { isList: false });
  expect(said(judgeForm([OWN, single]))).toEqual([["ok", "2 configurations that the runtime can read"]]);
});

test("judgeContent() gives the refusal's own advice when an ADD could not follow it", () => {
  const failure = refused("x: plugins[0]: mtu: got 1", "want 68 or more");
  const found = judgeContent([{ file: "x", failure, warnings: [] }]);
  expect([said(found), commands(found)]).toEqual([
    [["fault", "x: plugins[0]: mtu: got 1"]],
    ["want 68 or more"],
  ]);
});

test("judgeContent() finds a fault when subnets overlap", () => {
  const found = judgeContent([{ file: "x", warnings: ["subnet 10.1.0.0/16 overlaps with y"] }]);
  expect(said(found)).toEqual([["fault", "x: subnet 10.1.0.0/16 overlaps with y"]]);
});

test("judgePlugins() names the plugin of our own list when it is not installed", () => {
  const found = judgePlugins([OTHER, OWN], ["/opt/cni/bin"], (type) => type === "podwire");
  expect(said(found)).toEqual([["fault", `${OWN.file}: plugins[1]: there is no portmap in /opt/cni/bin`]]);
});

test("judgePlugins() gives the command that installs podwire when it is podwire that is missing", () => {
  const found = judgePlugins(
    [configuration("10-mynet.conflist", ["podwire"])],
    ["/opt/cni/bin"],
    () => false,
  );
  expect(commands(found)).toEqual([`install -m 755 ${process.execPath} /opt/cni/bin/podwire`]);
});

test("judgePlugins() says so when an entry of our own list has no type", () => {
  const list = { ...OWN, plugins: [...OWN.plugins, toFields({ path: "plugins[2]", value: { type: 5 } })] };
  expect(said(judgePlugins([list], ["/opt/cni/bin"], () => true))).toEqual([
    ["fault", `${OWN.file}: plugins[2]: has no "type"`],
  ]);
});
