/** `podwire network create`: what it makes and prints. */

import { spawn } from "node:child_process";
import { once } from "node:events";
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
import { PODWIRE } from "../../support/node/node.ts";
import { hasPrinted } from "../../support/node/printed.ts";

const HEADER =
  "NAME      TYPE      START ADDRESS   TOTAL     USED      GATEWAY       VLAN      NETWORK-GROUP   ZONE";

test("create prints the row of the network and writes its file when all is right", async () => {
  await using node = await createNode();
  expect(succeed(node, `network create web ${WEB} -n group1 -z zone2`)).toBe(
    [
      HEADER,
      "web       public    10.10.120.11    90        0         10.10.120.1   120       group1          zone2",
    ].join("\n"),
  );
  expect(node.json(`cat ${CONFIG}/networks/web.json`)).toEqual({
    name: "web",
    ranges: [
      { subnet: "10.10.120.0/24", start: "10.10.120.11", end: "10.10.120.100", gateway: "10.10.120.1" },
    ],
    vlan: 120,
    group: "group1",
    zone: "zone2",
    attach: { kind: "macvlan", uplink: "eth1" },
  });
});

test("create prints the example usage when it is called without arguments", async () => {
  await using node = await createNode();
  expect(podwire(node, "network create")).toEqual({
    exitCode: 2,
    stdout: "",
    stderr:
      "error: example usage - podwire network create blue -s 192.168.30.0/24 --start 192.168.30.101 --end 192.168.30.200 -g 192.168.30.1 -v 2\n",
  });
});

test("create makes a private network when there is no gateway", async () => {
  await using node = await createNode();
  const options = "-s 172.16.0.0/24 --start 172.16.0.190 --end 172.16.0.200 --attach bridge --uplink eth1";
  expect(succeedJson(node, `network create red ${options}`)).toMatchObject({
    isPublic: false,
    isDefault: false,
    usage: [{ total: 11, used: 0 }],
    attach: { kind: "bridge", uplink: "eth1" },
  });
  expect(succeed(node, "network list")).toMatch(/^red +private +172\.16\.0\.190 +11 +0$/m);
});

const DUAL_RANGES = [
  { subnet: "10.1.0.0/24", start: "10.1.0.10", end: "10.1.0.99", gateway: "10.1.0.1" },
  { subnet: "fd00:1::/64", start: "fd00:1::10", end: "fd00:1::ffff:ffff:ffff", gateway: "fd00:1::1" },
];

test.for([
  [
    "two values have a comma between them",
    "-s 10.1.0.0/24,fd00:1::/64 --start 10.1.0.10,fd00:1::10 --end 10.1.0.99,fd00:1::ffff:ffff:ffff -g 10.1.0.1,fd00:1::1",
  ],
  [
    "options are given twice, in any order",
    "-s 10.1.0.0/24 --start fd00:1::10 -g fd00:1::1 --end 10.1.0.99 -s fd00:1::/64 --end fd00:1::ffff:ffff:ffff --start 10.1.0.10 -g 10.1.0.1",
  ],
] as const)("create makes a dual-stack network when %s", async ([, options]) => {
  await using node = await createNode();
  const created = succeedJson(node, `network create dual ${options} --attach bridge --uplink eth1`);
  expect(created.ranges).toEqual(DUAL_RANGES);
  expect(created.usage).toEqual([
    { total: 90, used: 0 },
    { total: 281474976710640, used: 0 },
  ]);
  expect(succeed(node, "network list")).toMatch(
    /^dual +public +10\.1\.0\.10,fd00:1::10 +90,281474976710640 +0,0 +10\.1\.0\.1,fd00:1::1$/m,
  );
});

test("create says the size of a range as text when a number cannot hold it", async () => {
  await using node = await createNode();
  const options = "-s fd00:1::/48 --start fd00:1:: --end fd00:1:0:ffff::";
  const { stderr } = podwire(node, `network create six ${options} --attach bridge --uplink eth1`);
  expect(stderr).toContain("--start: fd00:1:: is the address of the subnet itself");
  const right = options.replace("--start fd00:1::", "--start fd00:1::1");
  const { usage } = succeedJson(node, `network create six ${right} --attach bridge --uplink eth1`);
  expect(usage).toEqual([{ total: "1208907372870555465154560", used: 0 }]);
});

test("create makes the network the default one when it is told to", async () => {
  await using node = await createNode();
  expect(succeed(node, `network create blue ${WEB} --set-default`)).toMatch(/^blue \(default\) {3}public /m);
  expect(node.sh(`cat ${CONFIG}/default-network`)).toBe("blue\n");
});

test("create writes nothing when it is a dry run", async () => {
  await using node = await createNode();
  const { exitCode, stdout, stderr } = podwire(node, `network create web ${WEB} --set-default --dry-run`);
  expect([exitCode, stderr]).toEqual([0, "nothing was written: --dry-run\n"]);
  expect(stdout).toMatch(/^web +public /m);
  expect(configFiles(node)).toBe("");
});

test("create finds what is wrong when it is a dry run", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  expect(podwire(node, `network create web ${WEB} --dry-run`).exitCode).toBe(1);
});

test("create writes below another directory when --config-dir names one", async () => {
  await using node = await createNode();
  succeed(node, `--config-dir /run/conf/d network create web ${WEB}`);
  expect(node.sh("find /run/conf -type f")).toBe("/run/conf/d/networks/web.json\n");
  expect(succeed(node, "network list --config-dir /run/conf/d")).toMatch(/^web /m);
});

test("create finds the pod networks beside --config-dir when the directory is relative", async () => {
  await using node = await createNode();
  const pods = { name: "pods", type: "bridge", ipam: { type: "host-local", subnet: "10.10.0.0/16" } };
  writeFile(node, "/run/conf/10-pods.conf", pods);
  const { stderr } = node.run([
    "sh",
    "-c",
    `cd /run/conf; ${PODWIRE} network create web ${WEB} --config-dir d/`,
  ]);
  expect(stderr).toContain('overlaps with the pod network "pods" of /run/conf/10-pods.conf');
});

test("create waits when another process changes the configuration", async () => {
  await using node = await createNode();
  node.sh(`mkdir -p ${CONFIG}`);
  const [file = "", ...holding] = node.command(["flock", CONFIG, "sh", "-c", "echo held; cat"]);
  const holder = spawn(file, holding);
  await once(holder.stdout, "data");
  const traced = [
    "strace",
    "-f",
    "-qq",
    "-e",
    "trace=flock",
    PODWIRE,
    "network",
    "create",
    "web",
    ...WEB.split(" "),
  ];
  const [, ...creating] = node.command(traced);
  const creation = spawn(file, creating);
  const exited = once(creation, "close");
  await hasPrinted(creation.stderr, "EAGAIN"); // it has met the lock
  expect(configFiles(node)).toBe("");
  holder.stdin.end();
  expect((await exited)[0]).toBe(0);
});

test("create lets two networks share a subnet when VLAN and ranges allow it", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  const later = WEB.replace("10.10.120.11", "10.10.120.101").replace("10.10.120.100", "10.10.120.200");
  expect(succeed(node, `network create web2 ${later}`)).toMatch(/^web2 +public +10\.10\.120\.101 +100 /m);
});

test("create makes one network when two of that name are made at once", async () => {
  await using node = await createNode();
  const other = WEB.replaceAll("10.10.120.", "10.10.121.").replace("-v 120", "-v 121");
  const run = (options: string) =>
    `(${PODWIRE} network create web ${options} > /dev/null 2>&1 && echo made || echo refused)`;
  const outcomes = node.sh(`${run(WEB)} & ${run(other)} & wait`);
  expect(outcomes.trim().split("\n").sort()).toEqual(["made", "refused"]);
});

test("create keeps MTU and settings of the card in the file when they are given", async () => {
  await using node = await createNode();
  const options = WEB.replace("macvlan", "bridge");
  succeed(node, `network create web ${options} --mtu 1400 --type storage --vlan-proto 802.1q`);
  expect(node.json(`cat ${CONFIG}/networks/web.json`)).toMatchObject({
    mtu: 1400,
    type: "storage",
    vlanProto: "802.1q",
  });
});

test("create warns and goes on when a configuration of the runtime is no JSON", async () => {
  await using node = await createNode();
  writeFile(node, "/etc/cni/net.d/99-broken.conf", "{");
  const { exitCode, stderr } = podwire(node, `network create web ${WEB}`);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^warning: \/etc\/cni\/net\.d\/99-broken\.conf: not looked at for overlap: /);
});
