/** `podwire network update`: what may change, and what may not. */

import { expect, test } from "vitest";
import {
  CONFIG,
  configFiles,
  createNode,
  podwire,
  succeed,
  succeedJson,
  WEB,
  writeFile,
} from "../../support/node/commands.ts";

const DUAL =
  "-s 10.1.0.0/24,fd00:1::/64 --start 10.1.0.10,fd00:1::10 --end 10.1.0.99,fd00:1::99 --attach bridge --uplink eth1";

test("update makes another network the default when told to", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB} --set-default`);
  succeed(node, `network create dual ${DUAL}`);
  expect(succeed(node, "network update dual --set-default")).toMatch(/^dual \(default\) /m);
  expect(succeed(node, "network list").match(/\(default\)/g)).toHaveLength(1);
});

test("update leaves no default when that is cleared", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB} --set-default`);
  expect(succeedJson(node, "network update web --clear-default").isDefault).toBe(false);
  expect(node.sh(`ls ${CONFIG}`)).toBe("networks\n");
});

test("update refuses to clear the default when another network is it", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB} --set-default`);
  succeed(node, `network create dual ${DUAL}`);
  expect(podwire(node, "network update dual --clear-default")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: 'error: --clear-default: network "dual" is not the default\n  network "web" is\n',
  });
});

test("update sets group and zone, and clears them when they are empty", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  expect(succeed(node, "network update web -n group1 -z zone2")).toMatch(/ 120 +group1 +zone2$/m);
  expect(succeed(node, "network update web --network-group ''")).toMatch(/ 120 +zone2$/m);
  const cleared = succeedJson(node, "network update web --zone ''");
  expect([cleared.group, cleared.zone]).toEqual([undefined, undefined]);
});

test("update extends the range when the end is later", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  expect(succeedJson(node, "network update web --end 10.10.120.200").usage).toEqual([
    { total: 190, used: 0 },
  ]);
});

test.for([
  ["10.1.0.120", [111, 138]],
  ["fd00:1::ff", [90, 240]],
  ["fd00:1::ff,10.1.0.120", [111, 240]],
] as const)(
  "update extends the range of the family when the end of a dual-stack network is %s",
  async ([end, totals]) => {
    await using node = await createNode();
    succeed(node, `network create dual ${DUAL}`);
    const { usage } = succeedJson(node, `network update dual --end ${end}`);
    expect(usage.map(({ total }: { total: number }) => total)).toEqual(totals);
  },
);

test("update keeps the rest of a file when a person wrote it", async () => {
  await using node = await createNode();
  writeFile(node, `${CONFIG}/networks/mine.json`, MINE);
  succeed(node, "network update mine --zone z1");
  expect(node.json(`cat ${CONFIG}/networks/mine.json`)).toEqual({ ...MINE, name: "mine", zone: "z1" });
});

const MINE = {
  $schema: "../network.schema.json",
  type: "storage",
  ranges: [{ subnet: "10.7.0.0/24", start: "10.7.0.5", end: "10.7.0.9" }],
  mtu: 1400,
  attach: { kind: "bridge", uplink: "eth2" },
};

test.for([
  ["web", 2, "nothing to change"],
  ["web --set-default --clear-default", 2, "--set-default and --clear-default: one of them"],
  [
    "web --end 10.10.120.99",
    1,
    '--end 10.10.120.99: network "web" has 10.10.120.11-10.10.120.100, and a range is never made smaller',
  ],
  ["web --end 10.10.121.5", 2, '--end: "10.10.121.5" is not in subnet 10.10.120.0/24'],
  ["web --end 10.10.120.255", 2, "--end: 10.10.120.255 is the broadcast address"],
  ["web --end fd00::5", 2, "--end fd00::5: want an address like those of 10.10.120.11-10.10.120.100"],
  ["web --end later", 2, "--end later: want an address"],
  ["web --end 10.10.120.160", 1, 'overlaps with network "next"'],
  ["web --network-group a,b", 2, "--network-group: want 1 to 63 letters"],
  ["low --end 10.8.0.90", 2, "--gateway: 10.8.0.80 is inside the range 10.8.0.5-10.8.0.90"],
  ["low --end 10.8.0.60", 1, "has 10.8.0.50 in it, an address of this node"],
] as const)("update refuses the change when the line is %s", async ([line, status, words]) => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  const next = WEB.replace("10.10.120.11", "10.10.120.150").replace("10.10.120.100", "10.10.120.160");
  succeed(node, `network create next ${next}`);
  succeed(
    node,
    "network create low -s 10.8.0.0/24 --start 10.8.0.5 --end 10.8.0.9 -g 10.8.0.80 --attach macvlan --uplink eth1",
  );
  node.sh("ip address add 10.8.0.50/24 dev eth2");
  const before = configFiles(node);
  const { exitCode, stderr } = podwire(node, `network update ${line}`);
  expect(stderr).toContain(words);
  expect(exitCode).toBe(status);
  expect(configFiles(node)).toBe(before);
});
