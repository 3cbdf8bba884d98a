/** `podwire network list` and `get`: the tables, what counts as used, and what it costs. */

import { expect, test } from "vitest";
import {
  CONFIG,
  createNode,
  POOLS,
  podwire,
  reserve,
  succeed,
  succeedJson,
  WEB,
  writeFile,
} from "../../support/node/commands.ts";
import { PODWIRE } from "../../support/node/node.ts";

const HEADER =
  "NAME             TYPE      START ADDRESS   TOTAL     USED      GATEWAY        VLAN      NETWORK-GROUP   ZONE";
const ON_ETH1 = "--attach macvlan --uplink eth1";
const BLUE = `-s 10.10.100.0/24 --start 10.10.100.11 --end 10.10.100.100 -g 10.10.100.1 -v 100 ${ON_ETH1}`;
const RED = `-s 172.16.254.0/24 --start 172.16.254.4 --end 172.16.254.253 -g 172.16.254.1 -v 254 -n group1 -z zone2 ${ON_ETH1}`;

test("list prints default network, group and zone when there are several networks", async () => {
  await using node = await createNode();
  succeed(node, `network create red ${RED}`);
  succeed(node, `network create blue ${BLUE} --set-default`);
  for (let host = 11; host < 34; host++) reserve(node, "blue", `10.10.100.${host}`);
  expect(succeed(node, "network list").split("\n")).toEqual([
    HEADER,
    "blue (default)   public    10.10.100.11    90        23        10.10.100.1    100",
    "red              public    172.16.254.4    250       0         172.16.254.1   254       group1          zone2",
  ]);
});

test("list prints the header alone when there is no network", async () => {
  await using node = await createNode();
  expect(succeed(node, "network list")).toMatch(
    /^NAME +TYPE +START ADDRESS +TOTAL +USED +GATEWAY +VLAN +NETWORK-GROUP +ZONE$/,
  );
  expect(succeedJson(node, "network list")).toEqual([]);
});

test("list counts an address once when an endpoint keeps it and a pod has it", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  for (const ip of ["10.10.120.91", "10.10.120.92"])
    succeed(node, `endpoint create ep${ip.slice(-1)} -n web -i ${ip}`);
  reserve(node, "web", "10.10.120.91");
  reserve(node, "web", "10.10.120.11", "c2");
  expect(succeedJson(node, "network list")[0].usage).toEqual([{ total: 90, used: 3 }]);
});

test.for([
  ["storage", ["data"]],
  ["public", ["web"]],
  ["private", ["data", "plain"]],
  ["other", []],
] as const)("list shows the networks of one type when that is %s", async ([type, wanted]) => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  succeed(
    node,
    `network create data -s 10.3.0.0/24 --start 10.3.0.5 --end 10.3.0.9 --type storage ${ON_ETH1}`,
  );
  succeed(node, `network create plain -s 10.4.0.0/24 --start 10.4.0.5 --end 10.4.0.9 ${ON_ETH1}`);
  const names = succeedJson(node, `network list --type ${type}`).map(({ name }: { name: string }) => name);
  expect(names).toEqual(wanted);
});

test("list shows the others and names file, field and fault when a file is wrong", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  writeFile(node, `${CONFIG}/networks/bad.json`, { vlan: 0 });
  writeFile(node, `${CONFIG}/networks/worse.json`, "{");
  const { exitCode, stdout, stderr } = podwire(node, "network list");
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^web +public/m);
  expect(stderr).toContain(`error: ${CONFIG}/networks/bad.json: ranges: is missing\n`);
  expect(stderr).toContain(`error: ${CONFIG}/networks/worse.json: is no JSON: `);
});

test("list takes a file that a person wrote when it is right", async () => {
  await using node = await createNode();
  const network = node.json(`cat ${process.cwd()}/conf/examples/networks/bridge-dual-stack.json`);
  writeFile(node, `${CONFIG}/networks/dual.json`, network);
  expect(succeed(node, "network list")).toMatch(
    /^dual +public +10\.10\.130\.11,fd00:10:130::1:0 +244,65536 +0,0 +10\.10\.130\.1,fd00:10:130::1 +130$/m,
  );
});

test("get shows the row and how pods are attached when there is such a network", async () => {
  await using node = await createNode();
  succeed(node, `network create blue ${BLUE} --mtu 1400`);
  const [header, row, gap, more, values] = succeed(node, "network get blue").split("\n");
  expect([header, row]).toEqual(succeed(node, "network list").split("\n"));
  expect(gap).toBe("");
  expect(more?.split(/ {2,}/)).toEqual([
    "SUBNET",
    "END ADDRESS",
    "ATTACH",
    "INTERFACE",
    "VFS",
    "DRIVER",
    "MTU",
  ]);
  expect(values?.split(/ {2,}/)).toEqual(["10.10.100.0/24", "10.10.100.100", "macvlan", "eth1", "1400"]);
});

test("get gives file, usage and default when asked for JSON", async () => {
  await using node = await createNode();
  succeed(node, `network create blue ${BLUE} --set-default`);
  const file = node.json(`cat ${CONFIG}/networks/blue.json`);
  expect(succeedJson(node, "network get blue")).toEqual({
    ...file,
    isDefault: true,
    isPublic: true,
    usage: [{ total: 90, used: 0 }],
  });
});

test.for([
  ["network get nix", 'error: there is no network "nix"\n  there are: web\n'],
  ["network update nix --set-default", 'error: there is no network "nix"\n  there are: web\n'],
  ["network delete nix --yes", 'error: there is no network "nix"\n  there are: web\n'],
  ["network get ../networks/web", 'error: there is no network "../networks/web"\n  there are: web\n'],
] as const)("%s names the networks that there are when there is none of that name", async ([line, words]) => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  expect(podwire(node, line)).toEqual({ exitCode: 1, stdout: "", stderr: words });
});

test("get says how to make one when there is no network at all", async () => {
  await using node = await createNode();
  expect(podwire(node, "network get web").stderr).toBe(
    `error: there is no network "web"\n  ${CONFIG}/networks has none: make one with podwire network create\n`,
  );
});

const NETWORKS = 200;
const ADDRESSES = 100;

test("list opens one file and one directory for each network when there are 200 with 20 000 addresses", async () => {
  await using node = await createNode();
  node.sh(`mkdir -p ${CONFIG}/networks
    for n in $(seq 0 ${NETWORKS - 1}); do
      range="{\\"subnet\\":\\"10.1.$n.0/24\\",\\"start\\":\\"10.1.$n.2\\",\\"end\\":\\"10.1.$n.200\\"}"
      echo "{\\"ranges\\":[$range],\\"attach\\":{\\"kind\\":\\"macvlan\\",\\"uplink\\":\\"eth1\\"}}" > ${CONFIG}/networks/n$n.json
      mkdir -p ${POOLS}/n$n; cd ${POOLS}/n$n
      for host in $(seq 2 ${ADDRESSES + 1}); do : > 10.1.$n.$host; done
    done`);
  const { stdout, stderr } = node.run([
    "strace",
    "-f",
    "-qq",
    "-e",
    "trace=open,openat",
    PODWIRE,
    "network",
    "list",
  ]);
  expect(stdout.match(/ 199 +100$/gm)).toHaveLength(NETWORKS);
  const opened = stderr
    .split("\n")
    .filter((line) => line.includes(`"${POOLS}`) || line.includes(`"${CONFIG}/networks/`));
  expect(opened).toHaveLength(2 * NETWORKS);
});
