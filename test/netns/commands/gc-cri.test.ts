/** `podwire gc --cri` where there is no list to be had: nothing is removed. With lists: test/runtime/containerd. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { tracesOf } from "../../support/kernel/traces.ts";
import { podwire } from "../../support/node/commands.ts";
import { Node } from "../../support/node/node.ts";
import { attach } from "../../support/pod/attachment.ts";
import { POD_ENDS } from "../../support/traffic/traffic-networks.ts";

async function nodeWithGarbage(): Promise<Node> {
  const node = await Node.create();
  attach(node);
  node.sh(POD_ENDS);
  return node;
}

/** A runtime that answers, but does not know the call. */
async function startRuntime(node: Node, socket: string): Promise<AsyncDisposable> {
  const program = resolve("test/support/runtime/cri/silent-runtime.ts");
  const [file = "", ...args] = node.command([resolve("scripts/bun"), program, socket]);
  const runtime = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  await once(runtime.stdout, "data");
  return {
    async [Symbol.asyncDispose]() {
      const gone = once(runtime, "exit");
      runtime.kill("SIGKILL");
      await gone;
    },
  };
}

test.for([
  [
    "there is no socket",
    "true",
    "gc --cri unix:///run/x.sock",
    /^error: the container runtime at \/run\/x\.sock gave no list .*ENOENT.*\n {2}nothing was removed\n$/,
  ],
  [
    "nobody listens at the socket",
    "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"/run/x.sock\")'",
    "gc --cri /run/x.sock",
    /ECONNREFUSED/,
  ],
  [
    "none of the usual sockets is there",
    "true",
    "gc --cri",
    /^error: no container runtime listens\n {2}it has none of \/run\/containerd\/containerd\.sock, .*: give --cri PATH\n$/,
  ],
] as const)("gc --cri removes nothing when %s", async ([, script, line, message]) => {
  await using node = await nodeWithGarbage();
  node.sh(script);
  const before = tracesOf(node);
  const { exitCode, stdout, stderr } = podwire(node, line);
  expect([exitCode, stdout, tracesOf(node)]).toEqual([1, "", before]);
  expect(stderr).toMatch(message);
});

test("gc --cri removes nothing and tells the status when the runtime does not know the call", async () => {
  await using node = await nodeWithGarbage();
  await using _runtime = await startRuntime(node, "/run/x.sock");
  const before = tracesOf(node);
  const { exitCode, stderr } = podwire(node, "gc --cri unix:///run/x.sock");
  expect([exitCode, tracesOf(node)]).toEqual([1, before]);
  expect(stderr).toContain("gRPC status 12");
});
