/** `podwire install`: what it puts in place, and what it refuses. */

import { resolve } from "node:path";
import { expect, test } from "vitest";
import { podwire, succeed, succeedJson, WEB, writeFile } from "../../support/node/commands.ts";
import {
  BIN_DIR,
  CONF_DIR,
  CONFLIST,
  createBareNode,
  installedFiles,
  makeVariant,
} from "../../support/node/install.ts";
import { PODWIRE } from "../../support/node/node.ts";

const LOOPBACK = `${BIN_DIR}/loopback`;
const FILES = [`${BIN_DIR}/podwire`, LOOPBACK, `${BIN_DIR}/net-script`, CONFLIST] as const;

test("install puts executable, link and configuration in place when nothing is there", async () => {
  await using node = await createBareNode();
  expect(succeedJson(node, "install --link net-script")).toEqual({
    files: FILES.map((path) => ({ path, action: "install" })),
    warnings: [],
  });
  expect(node.sh(`stat -c '%a %n' ${FILES[0]} ${CONFLIST}; readlink ${FILES[1]} ${FILES[2]}`)).toBe(
    `755 ${FILES[0]}\n644 ${CONFLIST}\npodwire\npodwire\n`,
  );
  node.sh(`cmp ${PODWIRE} ${FILES[0]}; cmp ${resolve("conf/10-podwire.conflist")} ${CONFLIST}`);
});

test("install gives containerd no second loopback plugin when it has one", async () => {
  await using node = await createBareNode();
  writeFile(node, LOOPBACK, "another's");
  for (const _ of ["first", "again"]) succeed(node, "install");
  expect(node.sh(`cat ${LOOPBACK}`)).toBe("another's");
});

test("install links no loopback plugin when the runtime calls none", async () => {
  await using node = await createBareNode();
  succeed(node, "install --runtime podman");
  expect(installedFiles(node)).not.toContain("loopback");
});

test.for([
  ["refuses", "none says which addresses are meant", "--mtu 1400", 1],
  ["goes on", "the same addresses are given again", "--mtu 1400 --pod-cidr 10.1.0.0/16", 0],
  ["goes on", "other addresses are given", "--pod-cidr 10.2.0.0/16", 0],
  ["goes on", "the list in place is given", `--conf ${CONFLIST}`, 0],
  ["goes on", "a field of the address management is given", "--set ipam.subnet=10.3.0.0/16", 0],
] as const)("a second install %s when %s", async ([, , options, exitCode]) => {
  await using node = await createBareNode();
  succeed(node, "install --pod-cidr 10.1.0.0/16");
  const before = installedFiles(node);
  const done = podwire(node, `install ${options}`);
  expect(done.exitCode).toBe(exitCode);
  if (exitCode === 0) return;
  expect(done.stderr).toContain("10.1.0.0/16");
  expect(installedFiles(node)).toBe(before);
});

test("install leaves every file alone when all is in place already", async () => {
  await using node = await createBareNode();
  succeed(node, "install --link net-script");
  const facts = () => node.sh(`stat -c '%n %i %z' ${FILES.join(" ")} ${CONF_DIR}/podwire.d/install.json`);
  const before = facts();
  expect(succeedJson(node, "install --link net-script").files).toEqual(
    FILES.map((path) => ({ path, action: "unchanged" })),
  );
  expect(facts()).toBe(before);
});

test("install says what it would do and does nothing when it is a dry run", async () => {
  await using node = await createBareNode();
  writeFile(node, CONFLIST, "{}");
  const before = installedFiles(node);
  expect(succeed(node, "install --dry-run").split("\n").slice(0, 3)).toEqual([
    `would install  ${BIN_DIR}/podwire`,
    `would install  ${LOOPBACK}`,
    `would replace  ${CONFLIST}, the former kept as ${CONF_DIR}/podwire.d/former/net.d/10-podwire.conflist`,
  ]);
  expect(installedFiles(node)).toBe(before);
});

test.for([
  [
    "--pod-cidr",
    "--pod-cidr 10.1.0.0/16",
    { ipam: { type: "host-local", ranges: [[{ subnet: "10.1.0.0/16" }]] } },
  ],
  [
    "two of them",
    "--pod-cidr 10.1.0.0/16,fd01::/64",
    { ipam: { ranges: [[{ subnet: "10.1.0.0/16" }], [{ subnet: "fd01::/64" }]] } },
  ],
  ["--bridge and --mtu", "--bridge pods0 --mtu 1450", { bridge: "pods0", mtu: 1450, ipMasq: true }],
  [
    "--set",
    '--set ipMasq=false --set ipam.dataDir=/var/lib/pods --set ipMasqExclude=["10.0.0.0/8","10.1.2.3"]',
    {
      ipMasq: false,
      ipMasqExclude: ["10.0.0.0/8", "10.1.2.3"],
      ipam: { type: "host-local", dataDir: "/var/lib/pods" },
    },
  ],
] as const)("install writes it into the configuration when it is given %s", async ([, options, wanted]) => {
  await using node = await createBareNode();
  succeed(node, `install ${options}`);
  expect(node.json(`cat ${CONFLIST}`)).toMatchObject({
    name: "podwire",
    plugins: [{ type: "podwire", ...wanted }],
  });
});

test("install takes a configuration as it is written when it is given a file", async () => {
  await using node = await createBareNode();
  const text = '{ "cniVersion": "0.4.0", "name": "own",\n  "plugins": [{ "type": "podwire" }] }\n';
  writeFile(node, "/run/own.conflist", text);
  succeed(node, "install --conf /run/own.conflist --conf-name 05-own.conflist");
  expect(node.sh(`cat ${CONF_DIR}/05-own.conflist`)).toBe(text);
});

test.for([
  [
    "two networks of a family are given",
    "--pod-cidr 10.1.0.0/16,10.2.0.0/16",
    2,
    "want one network a family",
  ],
  ["a network has host bits", "--pod-cidr 10.1.0.5/16", 2, "want a network like"],
  [
    "a field has a value that it cannot have",
    "--mtu 12",
    1,
    "built-in configuration: plugins[0]: mtu: got 12, want 0 or 68 to 65535",
  ],
  [
    "a field has the wrong type",
    "--set ipMasq=maybe",
    1,
    'plugins[0]: ipMasq: got "maybe", want true or false',
  ],
  ["--set has no value", "--set ipMasq", 2, "want KEY=VALUE"],
  ["--set leads into what is no object", "--set bridge.name=x", 2, 'no object "bridge"'],
  ["the runtime is unknown", "--runtime rocket", 2, "want one of containerd, cri-o"],
  ["a link is a path", "--link ../x", 2, "want the name of another plugin"],
  ["the name is no configuration list's", "--conf-name x.conf", 2, "ends in .conflist"],
  ["there is no such file", "--conf /run/none", 1, "/run/none: there is no such file"],
  ["the file is garbled", "--conf /run/garbled", 1, "/run/garbled: not JSON"],
  [
    "the file has no entry of podwire",
    "--conf /run/other",
    1,
    '/run/other: plugins: want a list with an entry whose "type" is "podwire"',
  ],
  [
    "an older version that is declared cannot express it",
    "--conf /run/old",
    1,
    "/run/old: plugins[0]: ipam: cniVersion",
  ],
] as const)("install refuses and changes nothing when %s", async ([, options, exitCode, message]) => {
  await using node = await createBareNode();
  writeFile(node, "/run/garbled", "{");
  writeFile(node, "/run/other", { cniVersion: "1.0.0", name: "x", plugins: [{ type: "bridge" }] });
  const ranges = [[{ subnet: "10.1.0.0/16" }], [{ subnet: "10.2.0.0/16" }]];
  const plugins = [{ type: "podwire", ipam: { type: "host-local", ranges } }];
  writeFile(node, "/run/old", { cniVersion: "1.0.0", cniVersions: ["0.2.0", "1.0.0"], name: "x", plugins });
  const done = podwire(node, `install ${options}`);
  expect({ ...done, stderr: done.stderr.includes(message) ? message : done.stderr }).toEqual({
    exitCode,
    stdout: "",
    stderr: message,
  });
  expect(installedFiles(node)).toBe("");
});

test("install refuses when a network by name has addresses of the pod network", async () => {
  await using node = await createBareNode();
  node.sh("ip link add eth1 type veth peer name lan1; ip link set eth1 up");
  succeed(node, `network create web ${WEB}`);
  expect(podwire(node, "install --pod-cidr 10.10.0.0/16")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('subnet 10.10.0.0/16 overlaps with network "web", range 10.10.120.11'),
  });
});

test("install warns of what the runtime would see otherwise when other configurations are there", async () => {
  await using node = await createBareNode();
  const ipam = { type: "host-local", subnet: "10.244.3.0/24" };
  writeFile(node, `${CONF_DIR}/05-other.conflist`, {
    cniVersion: "1.0.0",
    name: "other",
    plugins: [{ type: "bridge", ipam }],
  });
  const conf = {
    cniVersion: "1.0.0",
    name: "podwire",
    plugins: [{ type: "podwire", ipam: { ...ipam, subnet: "10.244.0.0/16" } }, { type: "portmap" }],
  };
  writeFile(node, "/run/own", conf);
  expect(succeedJson(node, "install --conf /run/own").warnings).toEqual([
    `${CONF_DIR}/05-other.conflist is read before 10-podwire.conflist: remove it, or give a --conf-name that comes first`,
    `subnet 10.244.0.0/16 overlaps with the pod network "other" of ${CONF_DIR}/05-other.conflist`,
    `plugins[1]: there is no ${BIN_DIR}/portmap`,
  ]);
});

test.for([
  ["k3s", "/var/lib/rancher/k3s/data/cni/podwire", "flannel-backend"],
  ["podman", `${BIN_DIR}/podwire`, 'network_backend = "cni"'],
] as const)(
  "install uses the directories of %s and says what it needs when it is named",
  async ([name, path, need]) => {
    await using node = await createBareNode();
    const printed = succeed(node, `install --dry-run --runtime ${name}`);
    expect(printed).toContain(`would install  ${path}\n`);
    expect(printed).toContain(need);
  },
);

test("install replaces an executable that it installed and keeps nothing of it when a newer one comes", async () => {
  await using node = await createBareNode();
  const variant = makeVariant(node);
  node.run([variant, "install"]);
  expect(succeedJson(node, "install").files[0]).toEqual({ path: `${BIN_DIR}/podwire`, action: "replace" });
  node.sh(`cmp ${PODWIRE} ${BIN_DIR}/podwire; test ! -e ${CONF_DIR}/podwire.d/former`);
});

test("install keeps a configuration that somebody has changed beside it when it replaces it", async () => {
  await using node = await createBareNode();
  succeed(node, "install");
  writeFile(node, CONFLIST, "edited");
  const kept = `${CONF_DIR}/podwire.d/former/net.d/10-podwire.conflist.changed`;
  expect(succeedJson(node, "install").files.at(-1)).toEqual({ path: CONFLIST, action: "replace", kept });
  expect(node.sh(`cat ${kept}`)).toBe("edited");
});
