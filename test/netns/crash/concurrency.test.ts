/** Fifty ADDs at once, then fifty DELs: no address twice, every pod connected, nothing left. */

import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { links, remains } from "../../support/kernel/kernel.ts";
import { type Finished, Node, PODWIRE } from "../../support/node/node.ts";
import { DUAL_STACK, NETCONF } from "../../support/pod/attachment.ts";

const conf = { ...NETCONF, isDefaultGateway: true, ipam: DUAL_STACK };
const ids = Array.from({ length: 50 }, (_, index) => `c${index + 1}`);

interface Concurrent {
  readonly command: string;
  readonly containerId: string;
  readonly conf?: object;
  readonly ifname?: string;
}

function start(
  node: Node,
  { command, containerId, ifname = "eth0", ...rest }: Concurrent,
): Promise<Finished> {
  const variables = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: `/run/netns/${containerId}`,
    CNI_IFNAME: ifname,
  };
  const [file = "", ...args] = node.command([PODWIRE]);
  const child = spawn(file, args, { env: { PATH: process.env.PATH ?? "", ...variables } });
  child.stdin.end(JSON.stringify(rest.conf ?? conf));
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (output.stderr += String(chunk)));
  return new Promise((resolve) => {
    child.on("close", (exitCode) => resolve({ ...output, exitCode: exitCode ?? 128 }));
  });
}

function all(node: Node, command: string, containerIds = ids): Promise<Finished[]> {
  return Promise.all(containerIds.map((containerId) => start(node, { command, containerId })));
}

const errorsOf = (done: readonly Finished[]) =>
  done.filter(({ exitCode, stderr }) => exitCode !== 0 || stderr !== "");

test("ADD() gives no address twice and DEL() leaves nothing when fifty run at once", async () => {
  await using node = await Node.create();
  node.sh(ids.map((id) => `ip netns add ${id}`).join("; "));
  const added = await all(node, "ADD");
  expect(errorsOf(added)).toEqual([]);
  const addresses = added.flatMap(({ stdout }) =>
    JSON.parse(stdout).ips.map((ip: { address: string }) => ip.address),
  );
  expect(new Set(addresses).size).toBe(100);
  expect(links(node).filter(({ master }) => master === "cni0")).toHaveLength(50);
  expect(errorsOf(await all(node, "DEL"))).toEqual([]);
  expect(remains(node)).toEqual([]);
});

test("ADD() and DEL() do not disturb each other when they run at once", async () => {
  await using node = await Node.create();
  node.sh(ids.map((id) => `ip netns add ${id}`).join("; "));
  const [old, young] = [ids.slice(0, 25), ids.slice(25)];
  await all(node, "ADD", old);
  const both = await Promise.all([all(node, "DEL", old), all(node, "ADD", young)]);
  expect(errorsOf(both.flat())).toEqual([]);
  expect(links(node).filter(({ master }) => master === "cni0")).toHaveLength(25);
});

test("ADD() succeeds exactly once when one attachment is added ten times at once", async () => {
  await using node = await Node.create();
  node.sh("ip netns add c1");
  const done = await all(
    node,
    "ADD",
    Array.from({ length: 10 }, () => "c1"),
  );
  expect(done.filter(({ exitCode }) => exitCode === 0)).toHaveLength(1);
  expect(links(node, "c1").map(({ ifname }) => ifname)).toEqual(["lo", "eth0"]);
  expect(node.sh("ls /var/lib/cni/networks/mynet | grep -c '^10\\.'")).toBe("1\n");
});

test("DEL() leaves nothing when it runs ten times at once beside GC", async () => {
  await using node = await Node.create();
  node.sh("ip netns add c1");
  await all(node, "ADD", ["c1"]);
  const sweep = start(node, {
    command: "GC",
    containerId: "c1",
    conf: { ...conf, "cni.dev/valid-attachments": [] },
  });
  const done = await Promise.all([
    all(
      node,
      "DEL",
      Array.from({ length: 10 }, () => "c1"),
    ),
    sweep,
  ]);
  expect(errorsOf(done.flat())).toEqual([]);
  expect(remains(node)).toEqual([]);
});

test("ADD() fills a small pool exactly when more pods than addresses ask at once", async () => {
  await using node = await Node.create();
  const some = ids.slice(0, 12);
  node.sh(some.map((id) => `ip netns add ${id}`).join("; "));
  const small = { ...NETCONF, ipam: { type: "host-local", subnet: "10.1.0.0/29" } };
  const done = await Promise.all(
    some.map((containerId) => start(node, { command: "ADD", containerId, conf: small })),
  );
  const codes = done.map(({ stdout }) => JSON.parse(stdout).code ?? 0).toSorted();
  expect(codes).toEqual([0, 0, 0, 0, 0, 11, 11, 11, 11, 11, 11, 11]);
});
