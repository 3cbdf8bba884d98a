/** `podwire endpoint`: addresses chosen and given, who uses one, what is refused. */

import { expect, test } from "vitest";
import {
  CONFIG,
  configFiles,
  createNode,
  podwire,
  reserve,
  succeed,
  succeedJson,
  WEB,
  writeFile,
} from "../../support/node/commands.ts";
import { PODWIRE } from "../../support/node/node.ts";
import { addNamedPod, deleteNamedPod } from "../../support/pod/named-pods.ts";

/** Untagged: this kernel may have no VLANs. */
const FLAT = WEB.replace(" -v 120", "");
const HEADERS = [
  "NAME",
  "NAMESPACE",
  "CONTAINER",
  "NETWORK",
  "IP",
  "MAC",
  "GATEWAY",
  "VLAN",
  "VF",
  "PORT",
  "NODE",
  "LABELS",
];
const DUAL =
  "-s 10.1.0.0/24,fd00:1::/64 --start 10.1.0.10,fd00:1::10 --end 10.1.0.12,fd00:1::12 --attach bridge --uplink eth1";

/** The columns of an endpoint's row by header; blank cells are empty. */
function row(table: string, name: string): Record<string, string> {
  const [header = "", ...lines] = table.split("\n");
  const line = lines.find((candidate) => candidate.startsWith(`${name} `)) ?? "";
  const starts = HEADERS.map((title) => header.search(new RegExp(`\\b${title}\\b`)));
  const cells = HEADERS.map(
    (title, index) => [title, line.slice(starts[index], starts[index + 1]).trim()] as const,
  );
  return Object.fromEntries(cells);
}

test("create prints the row of the endpoint and writes its file when the address is given", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  const table = succeed(node, "endpoint create ep1 -n web -i 10.10.120.91");
  expect(table.split("\n")[0]?.split(/ {2,}/)).toEqual(HEADERS);
  expect(row(table, "ep1")).toEqual({
    NAME: "ep1",
    NAMESPACE: "default",
    CONTAINER: "",
    NETWORK: "web",
    IP: "10.10.120.91/24",
    MAC: "",
    GATEWAY: "10.10.120.1",
    VLAN: "120",
    VF: "",
    PORT: "",
    NODE: "",
    LABELS: "<none>",
  });
  expect(node.json(`cat ${CONFIG}/endpoints/default.ep1.json`)).toEqual({
    name: "ep1",
    namespace: "default",
    network: "web",
    addresses: ["10.10.120.91"],
  });
});

test("create chooses the lowest address that neither pod nor endpoint has when none is given", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  reserve(node, "web", "10.10.120.11");
  succeed(node, "endpoint create ep1 -n web -i 10.10.120.12");
  expect(succeedJson(node, "endpoint create ep2 -n web").addresses).toEqual(["10.10.120.13"]);
});

test.for([
  ["none is given", "", ["10.1.0.10", "fd00:1::10"]],
  ["one is given", "-i fd00:1::12", ["10.1.0.10", "fd00:1::12"]],
  ["both are given", "-i fd00:1::12,10.1.0.11", ["10.1.0.11", "fd00:1::12"]],
] as const)("create takes an address of each family when %s", async ([, option, addresses]) => {
  await using node = await createNode();
  succeed(node, `network create dual ${DUAL}`);
  const line = `endpoint create ep1 -n dual ${option} -l app=db`.replace("  ", " ");
  expect(succeedJson(node, line)).toMatchObject({ addresses, labels: { app: "db" }, attached: null });
  const { IP, GATEWAY, LABELS } = row(succeed(node, "endpoint list"), "ep1");
  expect({ IP, GATEWAY, LABELS }).toEqual({
    IP: addresses.map((address) => `${address}/${address.includes(":") ? 64 : 24}`).join(","),
    GATEWAY: "",
    LABELS: "app=db",
  });
});

test("get, list and delete tell namespaces apart when names are equal", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  succeed(node, "endpoint create ep1 -n web");
  succeed(node, "endpoint create ep1 -n web --ns prod");
  expect(succeedJson(node, "endpoint get ep1 --ns prod").addresses).toEqual(["10.10.120.12"]);
  expect(succeedJson(node, "endpoint list --ns prod")).toHaveLength(1);
  succeed(node, "endpoint delete ep1 --yes");
  expect(podwire(node, "endpoint get ep1").stderr).toBe(
    'error: there is no endpoint "ep1" in namespace "default"\n  there is one with --ns prod\n',
  );
  expect(succeedJson(node, "endpoint list")).toMatchObject([{ name: "ep1", namespace: "prod" }]);
});

test("list shows container, MAC and port while a pod uses the endpoint", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${FLAT}`);
  succeed(node, "endpoint create ep1 -n web -i 10.10.120.91");
  addNamedPod(node, "0123456789abcdef", { endpointId: "ep1" });
  const [link] = node.json("ip -j -n 0123456789abcdef link show dev eth0");
  expect(row(succeed(node, "endpoint list"), "ep1")).toMatchObject({
    CONTAINER: "0123456789ab",
    IP: "10.10.120.91/24",
    MAC: link.address,
    VF: "",
    PORT: "eth1",
    NODE: node.sh("hostname").trim(),
  });
  expect(succeedJson(node, "endpoint get ep1").attached).toMatchObject({
    containerId: "0123456789abcdef",
    ifname: "eth0",
  });
  deleteNamedPod(node, "0123456789abcdef", { endpointId: "ep1" });
  expect(row(succeed(node, "endpoint list"), "ep1")).toMatchObject({
    CONTAINER: "",
    MAC: "",
    PORT: "",
    NODE: "",
  });
});

test("delete is refused while a pod uses the endpoint, and done with --force", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${FLAT}`);
  succeed(node, "endpoint create ep1 -n web");
  addNamedPod(node, "c1", { endpointId: "ep1" });
  expect(podwire(node, "endpoint delete ep1 --yes")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr:
      'error: endpoint "ep1" is used by container c1 (eth0)\n' +
      "  end its pod, or delete the endpoint with --force: the pod keeps the address as long as it lives\n",
  });
  expect(succeed(node, "endpoint delete ep1 --yes --force")).toBe('endpoint "ep1" deleted');
  expect(succeedJson(node, "endpoint create ep2 -n web").addresses).toEqual(["10.10.120.12"]); // .11 is the pod's
});

test("create gives out each address once when several endpoints are made at once", async () => {
  await using node = await createNode();
  succeed(node, `network create dual ${DUAL}`);
  const creations = ["ep1", "ep2", "ep3"].map(
    (name) => `${PODWIRE} endpoint create ${name} -n dual > /dev/null`,
  );
  node.sh(`${creations.join(" & ")} & wait`);
  const made = succeedJson(node, "endpoint list").map(
    ({ addresses: [first = ""] }: { addresses: string[] }) => first,
  );
  expect(made.sort()).toEqual(["10.1.0.10", "10.1.0.11", "10.1.0.12"]);
});

test.for([
  ["create ep2", 2, "required option '-n, --network <name>' not specified"],
  ["create ep2 -n nix", 1, 'there is no network "nix"'],
  ["create Ep2 -n web", 2, '"Ep2" is no name for an endpoint'],
  ["create ep2 -n web --ns a.b", 2, '"a.b" is no name for a namespace'],
  ["create ep1 -n web", 1, 'there is an endpoint "ep1" in namespace "default" already'],
  ["create ep1 -n dual", 1, 'there is an endpoint "ep1" in namespace "default" already'],
  ["create ep2 -n web -i 10.10.120.91", 1, '10.10.120.91 is kept by endpoint "default/ep1"'],
  [
    "create ep2 -n web -i 10.10.120.20",
    1,
    "requested address 10.10.120.20 is reserved by another attachment",
  ],
  ["create ep2 -n web -i 10.10.120.101", 1, "requested address 10.10.120.101 is in no range"],
  ["create ep2 -n web -i 10.10.120.1", 1, "requested address 10.10.120.1 is in no range"],
  ["create ep2 -n web -i fd00::1", 1, "requested address fd00::1 is in no range"],
  ["create ep2 -n web -i 10.10.120.30,10.10.120.31", 1, "is one too many"],
  ["create ep2 -n web -i ten", 2, "--ip ten: want an address"],
  ["create ep2 -n web -l app", 2, "--labels app: want KEY=VALUE"],
  ["create ep2 -n web -l a=b=c", 2, "labels.a: want"],
  ["create ep9 -n dual", 1, "no free address in range set 0: 10.1.0.10-10.1.0.12"],
  ["get ep2", 1, 'there is no endpoint "ep2" in namespace "default"\n  podwire endpoint list shows all'],
  ["delete ep2 -y", 1, 'there is no endpoint "ep2"'],
  ["delete ep1", 2, "give --yes"],
] as const)("endpoint %s is refused", async ([line, status, words]) => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  succeed(node, `network create dual ${DUAL}`);
  succeed(node, "endpoint create ep1 -n web -i 10.10.120.91");
  reserve(node, "web", "10.10.120.20");
  for (const host of [10, 11, 12]) reserve(node, "dual", `10.1.0.${host}`);
  const before = configFiles(node);
  const { exitCode, stderr } = podwire(node, `endpoint ${line}`);
  expect(stderr).toContain(words);
  expect(exitCode).toBe(status);
  expect(configFiles(node)).toBe(before);
});

test("list and delete go on when the network of an endpoint is gone", async () => {
  await using node = await createNode();
  writeFile(node, `${CONFIG}/endpoints/default.ep1.json`, { network: "web", addresses: ["10.10.120.91"] });
  expect(row(succeed(node, "endpoint list"), "ep1")).toMatchObject({
    NETWORK: "web",
    IP: "10.10.120.91",
    GATEWAY: "",
  });
  succeed(node, "endpoint delete ep1 --yes");
  expect(configFiles(node)).toBe("");
});

test("create refuses to guess when the file of another endpoint is wrong", async () => {
  await using node = await createNode();
  succeed(node, `network create web ${WEB}`);
  writeFile(node, `${CONFIG}/endpoints/default.bad.json`, { network: "web" });
  const { exitCode, stderr } = podwire(node, "endpoint create ep1 -n web");
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining("default.bad.json: addresses: is missing")]);
});
