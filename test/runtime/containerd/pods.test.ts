/** What pods get that containerd starts as a kubelet asks it to. */

import { expect, test } from "vitest";
import { bucketAt, ifbsOf } from "../../support/kernel/queues.ts";
import { Containerd, type Sandbox } from "../../support/runtime/containerd.ts";
import { askFor, pageAt, WEB_SERVER, WEB_SERVES } from "../../support/runtime/web.ts";
import { NODE4, NODE6, OUTSIDE4 } from "../../support/traffic/traffic-world.ts";

const WEB_PORT = [{ container_port: 80, host_port: 8080 }];

/** Starts a web server in the pod; gives its container. */
async function serveWeb(containerd: Containerd, pod: Sandbox): Promise<string> {
  const container = await containerd.startContainer(pod, WEB_SERVER);
  await containerd.exec(container, WEB_SERVES);
  return container;
}

/** The page as a container sees it. */
async function pageIn(containerd: Containerd, container: string, url: string): Promise<string> {
  return (await containerd.exec(container, askFor(url))).trim();
}

test("PodSandboxStatus gives an address of each family when the network has both", async () => {
  await using containerd = await Containerd.create();
  const pod = await containerd.runPod("a");
  expect(await containerd.addressesOf(pod)).toEqual(["10.244.0.2", "fd00:10:244::2"]);
});

test("a web server in a pod answers another pod, itself and the node when they ask at its addresses", async () => {
  await using containerd = await Containerd.create();
  const server = await containerd.runPod("server");
  const web = await serveWeb(containerd, server);
  const client = await containerd.startContainer(await containerd.runPod("client"), ["sleep", "1000000"]);
  const [v4, v6] = await containerd.addressesOf(server);
  const urls = [`http://${v4}/`, `http://[${v6}]/`];
  const pages = {
    pod: await Promise.all(urls.map((url) => pageIn(containerd, client, url))),
    itself: await Promise.all(urls.map((url) => pageIn(containerd, web, url))),
    node: urls.map((url) => pageAt(containerd.node, url)),
  };
  const answer = ["server", "server"];
  expect(pages).toEqual({ pod: answer, itself: answer, node: answer });
});

test("a web server in a pod answers everyone through its host port when it has one", async () => {
  await using containerd = await Containerd.create();
  const web = await serveWeb(containerd, await containerd.runPod("server", { ports: WEB_PORT }));
  const client = await containerd.startContainer(await containerd.runPod("client"), ["sleep", "1000000"]);
  const urls = [`http://${NODE4}:8080/`, `http://[${NODE6}]:8080/`];
  const pages = {
    outside: urls.map((url) => pageAt(containerd.world.outside, url)),
    pod: await Promise.all(urls.map((url) => pageIn(containerd, client, url))),
    itself: await Promise.all(urls.map((url) => pageIn(containerd, web, url))),
    node: urls.map((url) => pageAt(containerd.node, url)),
  };
  const answer = ["server", "server"];
  expect(pages).toEqual({ outside: answer, pod: answer, itself: answer, node: answer });
});

test("a pod reaches a host that has no route to it when the network is masqueraded", async () => {
  await using containerd = await Containerd.create();
  const { world } = containerd;
  await world.serve("outside");
  await containerd.runPod("client");
  const [pod = ""] = containerd.namespaces();
  expect(world.connect(pod, `tcp ${OUTSIDE4} 80`)).toBe(`outside ${NODE4}`);
});

test("StopPodSandbox closes the host port when the pod is not removed yet", async () => {
  await using containerd = await Containerd.create();
  const pod = await containerd.runPod("server", { ports: WEB_PORT });
  await serveWeb(containerd, pod);
  const ask = () => pageAt(containerd.world.outside, `http://${NODE4}:8080/`);
  const running = ask();
  await containerd.stopPod(pod.id);
  expect({ running, stopped: ask() }).toEqual({
    running: "server",
    stopped: expect.stringContaining("Connection refused"),
  });
});

test("bandwidth annotations limit both directions of a pod when they stand on it", async () => {
  await using containerd = await Containerd.create();
  const annotations = {
    "kubernetes.io/ingress-bandwidth": "10M",
    "kubernetes.io/egress-bandwidth": "4M",
  };
  const pod = await containerd.runPod("a", { annotations });
  const { node } = containerd;
  const [hostEnd] = containerd.hostEnds();
  const [ifb] = ifbsOf(node);
  const rates = [hostEnd, ifb].map((ifname) => bucketAt(node, ifname ?? "")?.rate);
  await containerd.removePod(pod.id);
  expect({ rates, ifbs: ifbsOf(node) }).toEqual({ rates: [1_250_000, 500_000], ifbs: [] });
});
