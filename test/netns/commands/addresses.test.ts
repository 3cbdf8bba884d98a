/** `podwire addresses`: how full pools are, who holds what, and what nobody alive has. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import {
  createNode,
  podwire,
  reserve,
  succeed,
  succeedJson,
  writeFile,
} from "../../support/node/commands.ts";
import { Node, REFERENCE_DIR } from "../../support/node/node.ts";
import { attach, call, DUAL_STACK, NETCONF } from "../../support/pod/attachment.ts";
import { addNamedPod } from "../../support/pod/named-pods.ts";

const ARGS = "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart-0";
const FILE = "/etc/cni/net.d/10-mynet.conflist";
const POOL = "/var/lib/cni/networks/mynet";

function configure(node: Node, ipam: object = NETCONF.ipam, file = FILE): void {
  writeFile(node, file, { cniVersion: "1.0.0", name: "mynet", plugins: [{ ...NETCONF, ipam }] });
}

/** A reservation that no ADD is likely to have made just now. */
function reserveLongAgo(node: Node, path: string, owner = "c9\r\neth0"): void {
  writeFile(node, path, owner);
  node.sh(`touch -d '2 minutes ago' ${path}`);
}

function rows(text: string): string[][] {
  return text.split("\n").map((line) => line.split(/ {2,}/));
}

test("addresses counts range sets when the configuration has two families", async () => {
  await using node = await Node.create();
  configure(node, DUAL_STACK);
  attach(node, { conf: { ipam: DUAL_STACK } });
  attach(node, { conf: { ipam: DUAL_STACK }, containerId: "c2" });
  expect(succeedJson(node, "addresses")).toEqual([
    {
      network: "mynet",
      directory: POOL,
      range: "10.1.0.1-10.1.255.254",
      total: 65533,
      used: 2,
      free: 65531,
    },
    {
      network: "mynet",
      directory: POOL,
      range: "fd00:1::1-fd00:1::ffff:ffff:ffff:ffff",
      total: "18446744073709551614",
      used: 2,
      free: "18446744073709551612",
    },
  ]);
});

test("addresses prints a bar when it is for people", async () => {
  await using node = await Node.create();
  const ipam = { type: "host-local", subnet: "10.1.0.0/24", rangeStart: "10.1.0.10", rangeEnd: "10.1.0.13" };
  configure(node, ipam);
  attach(node, { conf: { ipam } });
  expect(rows(succeed(node, "addresses"))).toEqual([
    ["NETWORK", "RANGE", "TOTAL", "USED", "FREE"],
    ["mynet", "10.1.0.10-10.1.0.13", "4", "1", "3", "█████░░░░░░░░░░░░░░░ 25 %"],
  ]);
});

test("addresses counts what endpoints keep as used when the network has a name", async () => {
  await using node = await createNode();
  succeed(
    node,
    "network create web -s 10.9.0.0/24 --start 10.9.0.10 --end 10.9.0.19 --attach macvlan --uplink eth1",
  );
  succeed(node, "endpoint create ep1 -n web -i 10.9.0.15");
  addNamedPod(node, "c1", { network: "web" });
  expect(succeedJson(node, "addresses web")).toMatchObject([{ total: 10, used: 2, free: 8 }]);
  expect(succeedJson(node, "addresses web --holders")).toMatchObject([
    { address: "10.9.0.10", containerId: "c1", state: "live" },
    { address: "10.9.0.15", endpoint: "default/ep1", containerId: null, state: "kept" },
  ]);
  addNamedPod(node, "c2", { endpointId: "ep1" });
  expect(succeedJson(node, "addresses web")).toMatchObject([{ used: 2 }]);
  expect(succeedJson(node, "addresses web --holders")).toMatchObject([
    { containerId: "c1" },
    { address: "10.9.0.15", containerId: "c2", state: "live" },
  ]);
});

test("addresses --holders shows the pod of each address when records name them", async () => {
  await using node = await Node.create();
  attach(node, { args: ARGS });
  attach(node, { containerId: "c2" });
  expect(rows(succeed(node, "addresses --holders"))).toEqual([
    ["NETWORK", "ADDRESS", "POD", "CONTAINER", "INTERFACE", "STATE"],
    ["mynet", "10.1.0.2", "shop/cart-0", "c1", "eth0"],
    ["mynet", "10.1.0.3", "c2", "eth0"],
  ]);
});

test("addresses shows a pool without a range when no configuration has it", async () => {
  await using node = await Node.create();
  attach(node);
  expect(succeedJson(node, "addresses")).toEqual([
    { network: "mynet", directory: POOL, range: null, total: null, used: 1, free: null },
  ]);
});

test("addresses finds the pool where the configuration says it is when that is elsewhere", async () => {
  await using node = await Node.create();
  const ipam = { ...NETCONF.ipam, dataDir: "/run/pools" };
  configure(node, ipam);
  attach(node, { conf: { ipam } });
  expect(succeedJson(node, "addresses")).toMatchObject([{ directory: "/run/pools/mynet", used: 1 }]);
  node.sh(`rm ${FILE}`);
  expect(succeedJson(node, "addresses")).toMatchObject([{ directory: "/run/pools/mynet", used: 1 }]);
});

/** State of the one address that the test is about. */
const STATES = [
  ["live", "its pod is there", (node: Node) => attach(node), "10.1.0.2"],
  [
    "gone",
    "its pod's namespace is gone",
    (node: Node) => {
      attach(node);
      node.sh("ip netns del c1");
    },
    "10.1.0.2",
  ],
  ["stale", "it has no holder", (node: Node) => reserveLongAgo(node, `${POOL}/10.1.77.9`), "10.1.77.9"],
  [
    "stale",
    "a plain file is left of another pod's namespace",
    (node: Node) => {
      node.sh("touch /run/netns/c9");
      reserveLongAgo(node, `${POOL}/10.1.77.9`);
    },
    "10.1.77.9",
  ],
  [
    "stale",
    "its file names nobody",
    (node: Node) => reserveLongAgo(node, `${POOL}/10.1.77.9`, ""),
    "10.1.77.9",
  ],
  [
    "new",
    "an ADD may be about to use it",
    (node: Node) => writeFile(node, `${POOL}/10.1.77.9`, "c9"),
    "10.1.77.9",
  ],
  [
    "foreign",
    "the reference plugin's pod has it",
    (node: Node) => {
      node.addPod("c1");
      const plugin = `${REFERENCE_DIR}/bridge`;
      call(node, "ADD", { plugin, conf: { cniVersion: "1.0.0", type: "bridge" } });
      node.sh(`touch -d '2 minutes ago' ${POOL}/10.1.0.2`);
    },
    "10.1.0.2",
  ],
] as const;

test.for(STATES)("addresses --holders says %s when %s", async ([state, , prepare, address]) => {
  await using node = await Node.create();
  prepare(node);
  expect(succeedJson(node, "addresses --holders")).toMatchObject([{ address, state }]);
  const isStale = state === "gone" || state === "stale";
  expect(succeedJson(node, "addresses --stale")).toHaveLength(isStale ? 1 : 0);
  expect(succeed(node, "addresses").includes("stale: podwire addresses --stale shows them")).toBe(isStale);
});

test("addresses --holders says foreign when only a process keeps the namespace that has the address", async () => {
  await using node = await Node.create();
  const address = "10.1.77.77"; // no other test's: every process of the machine is looked at
  reserveLongAgo(node, `${POOL}/${address}`);
  await using _process = await holdAddress(node, address);
  expect(succeedJson(node, "addresses --holders")).toMatchObject([{ address, state: "foreign" }]);
});

/** A process in a network namespace that is mounted nowhere. */
async function holdAddress(node: Node, address: string): Promise<AsyncDisposable> {
  const script = `ip address add ${address}/32 dev lo; echo ready; exec sleep infinity`;
  const [file = "", ...args] = node.command(["unshare", "--net", "sh", "-ec", script]);
  const holder = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  return {
    async [Symbol.asyncDispose]() {
      const gone = once(holder, "exit");
      holder.kill("SIGKILL");
      await gone;
    },
  };
}

test("addresses changes nothing when it looks at garbled files and locks", async () => {
  await using node = await Node.create();
  reserveLongAgo(node, `${POOL}/10.1.77.9`, "");
  const files = () => node.sh("find /var/lib/cni -type f | sort");
  const before = files();
  succeed(node, "addresses --holders");
  expect(files()).toBe(before);
});

test("addresses refuses when no network has that name", async () => {
  await using node = await Node.create();
  configure(node);
  reserve(node, "web", "10.9.0.10");
  expect(podwire(node, "addresses nix")).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: 'error: no network "nix" has addresses\n  there are: mynet, web\n',
  });
});

test("addresses counts the directory alone when the configuration's ranges are wrong", async () => {
  await using node = await Node.create();
  configure(node, { type: "host-local", subnet: "10.1.0.7/24" });
  reserveLongAgo(node, `${POOL}/10.1.77.9`);
  expect(succeedJson(node, "addresses")).toMatchObject([{ network: "mynet", range: null, used: 1 }]);
});
