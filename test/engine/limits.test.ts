/** A plugin call under the limits of a process (setrlimit(2)): an error document, never a signal. */

import { expect, test } from "vitest";
import { createNode } from "../support/node/commands.ts";
import { Node, PODWIRE } from "../support/node/node.ts";
import { attach, call } from "../support/pod/attachment.ts";

const DEPTH = 20_000;
const NESTED = `{"cniVersion":"1.1.0","name":"mynet","type":"podwire","x":${"[".repeat(DEPTH)}${"]".repeat(DEPTH)}}`;

test.for([64, 128, 512, 8192])(
  "podwire says that lists are nested too deep when its stack is of %i KiB",
  async (kib) => {
    await using node = await Node.create();
    const script = `ulimit -s ${kib}; exec ${PODWIRE}`;
    const ended = node.run(["bash", "-c", script], {
      input: NESTED,
      env: { CNI_COMMAND: "STATUS", CNI_PATH: "/x" },
    });
    expect({ exitCode: ended.exitCode, json: JSON.parse(ended.stdout) }).toMatchObject({
      exitCode: 1,
      json: { code: 6 },
    });
  },
);

test("ADD says what it could not write when no file may grow, and leaves nothing", async () => {
  await using node = await createNode();
  node.addPod("c1");
  const conf = {
    cniVersion: "1.1.0",
    name: "mynet",
    type: "podwire",
    ipam: { type: "host-local", subnet: "10.1.0.0/16" },
  };
  const env = {
    CNI_COMMAND: "ADD",
    CNI_CONTAINERID: "c1",
    CNI_NETNS: "/run/netns/c1",
    CNI_IFNAME: "eth0",
    CNI_PATH: "/x",
  };
  const ended = node.run(["bash", "-c", `ulimit -f 0; exec ${PODWIRE}`], {
    input: JSON.stringify(conf),
    env,
  });
  expect({ exitCode: ended.exitCode, json: JSON.parse(ended.stdout) }).toMatchObject({
    exitCode: 1,
    json: { code: 5, msg: expect.stringContaining("EFBIG") },
  });
  expect(
    node.sh("ls /run/podwire/mynet /var/lib/cni/networks/mynet | grep -c 'c1\\|^10' || true").trim(),
  ).toBe("0");
  attach(node);
  expect(call(node, "DEL")).toMatchObject({ exitCode: 0 });
});
