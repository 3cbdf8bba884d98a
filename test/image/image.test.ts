/** The image: what is in it, and that a node can be installed from it. */

import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BuiltImage } from "../support/build/built-image.ts";
import { leftoversOf } from "../support/kernel/leftovers.ts";
import { BIN_DIR, CONF_DIR, CONFLIST, createBareNode } from "../support/node/install.ts";
import type { Node } from "../support/node/node.ts";
import { Containerd } from "../support/runtime/containerd.ts";
import { conflist, installNetwork, NETWORKS, PLUGINS } from "../support/runtime/pod-network.ts";

const BUILD_MS = 600_000;

let image: BuiltImage;

beforeAll(async () => {
  image = await BuiltImage.build();
}, BUILD_MS);

afterAll(() => image?.[Symbol.dispose]());

const LIBRARIES = ["ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0"];

test("the image holds the executable and the C library alone when it is built", () => {
  const files = execFileSync("find", [".", "-type", "f"], { cwd: image.root, encoding: "utf8" });
  expect(files.trimEnd().split("\n").sort()).toEqual(
    ["./lib64/ld-linux-x86-64.so.2", ...LIBRARIES.map((name) => `./lib/${name}`).sort(), "./podwire"].sort(),
  );
});

test("the image starts the agent and says what it is when nothing else is asked for", () => {
  expect(image.facts.config).toMatchObject({
    Entrypoint: ["/podwire"],
    Cmd: ["install", "--watch"],
    Labels: {
      "org.opencontainers.image.title": "podwire",
      "org.opencontainers.image.licenses": "Apache-2.0",
    },
  });
});

/** The command of a container of the image that has these directories of the node. */
function inContainer(node: Node, directories: readonly string[]): readonly string[] {
  const mounts = directories.map(
    (path) => `mkdir -p ${path} $root${path}; mount --bind ${path} $root${path}`,
  );
  node.sh(`root=${image.root}; mkdir -p $root/proc $root/dev $root/run
    mount -t proc proc $root/proc; mount --bind /dev $root/dev
    ${mounts.join("\n")}`);
  return ["chroot", image.root, "/podwire"];
}

test("a container of the image installs an executable that adds and deletes pods when the node's directories are mounted", async () => {
  await using node = await createBareNode();
  const podwire = inContainer(node, [BIN_DIR, CONF_DIR]).join(" ");
  node.sh(`${podwire} install --pod-cidr 10.7.0.0/24; cmp ${image.root}/podwire ${BIN_DIR}/podwire`);
  const { name, cniVersion, plugins } = node.json(`cat ${CONFLIST}`);
  const pod = {
    conf: { ...plugins[0], name, cniVersion },
    containerId: "c1",
    netns: node.addPod("pod"),
    ifname: "eth0",
  };
  const plugin = `${BIN_DIR}/podwire`;
  expect(node.cni({ command: "ADD", ...pod, plugin }).json).toMatchObject({
    ips: [{ address: "10.7.0.2/24" }],
  });
  expect(node.json("ip -n pod -j address show dev eth0")[0].addr_info[0]).toMatchObject({
    local: "10.7.0.2",
  });
  expect(node.cni({ command: "DEL", ...pod, plugin })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("containerd starts and removes pods when a container of the image has installed their network", async () => {
  const install = (node: Node) => installNetwork(node, conflist(), inContainer(node, [PLUGINS, NETWORKS]));
  await using containerd = await Containerd.create(install);
  const before = leftoversOf(containerd.node);
  const pod = await containerd.runPod("a");
  expect(await containerd.addressesOf(pod)).toEqual(["10.244.0.2", "fd00:10:244::2"]);
  await containerd.removePod(pod.id);
  expect(leftoversOf(containerd.node)).toEqual(before);
});
