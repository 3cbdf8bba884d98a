/** Containers of podman, whose CNI back end runs podwire. */

import { expect, test, vi } from "vitest";
import { leftoversOf } from "../support/kernel/leftovers.ts";
import { Podman } from "../support/runtime/podman.ts";
import { askFor, pageAt, WEB_SERVER, WEB_SERVES } from "../support/runtime/web.ts";
import { NODE4, NODE6 } from "../support/traffic/traffic-world.ts";

/** Starts a web server that answers when this returns. */
function serveWeb(podman: Podman, options: readonly string[] = []): void {
  podman.run("server", options, WEB_SERVER);
  podman.exec("server", WEB_SERVES);
}

test("podman network shows the network when its configuration is in the directory", async () => {
  await using podman = await Podman.create();
  expect({
    list: JSON.parse(podman.call(["network", "ls", "--format", "json"])),
    inspect: JSON.parse(podman.call(["network", "inspect", "pods"])),
  }).toMatchObject({
    list: [{ name: "pods", driver: "podwire" }],
    inspect: [{ name: "pods", driver: "podwire" }],
  });
});

test("two containers reach each other when both are on the network", async () => {
  await using podman = await Podman.create();
  serveWeb(podman);
  podman.run("client");
  const [v4, v6] = podman.addressesOf("server");
  const pages = [`http://${v4}/`, `http://[${v6}]/`].map((url) => podman.exec("client", askFor(url)));
  expect({ addresses: podman.addressesOf("client"), pages }).toEqual({
    addresses: ["10.244.0.3", "fd00:10:244::3"],
    pages: ["server", "server"],
  });
});

test("a published port answers outside, on the node and in containers when the server runs", async () => {
  await using podman = await Podman.create();
  serveWeb(podman, ["--publish", "8080:80"]);
  podman.run("client");
  const urls = [`http://${NODE4}:8080/`, `http://[${NODE6}]:8080/`];
  const pages = {
    outside: urls.map((url) => pageAt(podman.world.outside, url)),
    node: urls.map((url) => pageAt(podman.node, url)),
    client: urls.map((url) => podman.exec("client", askFor(url))),
    itself: urls.map((url) => podman.exec("server", askFor(url))),
  };
  const answer = ["server", "server"];
  expect(pages).toEqual({ outside: answer, node: answer, client: answer, itself: answer });
});

test("nothing is left when podman removes its containers", async () => {
  await using podman = await Podman.create();
  const before = leftoversOf(podman.node);
  podman.run("a", ["--publish", "8080:80"]);
  podman.run("b", ["--publish", "8081:80/udp"]);
  podman.call(["rm", "--force", "--time", "0", "--all"]);
  expect(leftoversOf(podman.node)).toEqual(before);
});

test("nothing is left on the network of a container when it ends by itself", async () => {
  await using podman = await Podman.create();
  const before = leftoversOf(podman.node);
  podman.run("short", ["--publish", "8080:80"], ["true"]);
  await vi.waitUntil(() => leftoversOf(podman.node).length === before.length, { timeout: 30_000 });
  expect(leftoversOf(podman.node)).toEqual(before);
});

test("a container has the addresses that podman is asked for when they are free", async () => {
  await using podman = await Podman.create();
  const wanted = ["--ip", "10.244.0.50", "--ip6", "fd00:10:244::50", "--mac-address", "02:00:00:00:00:50"];
  podman.run("a", wanted);
  const link = podman.exec("a", ["cat", "/sys/class/net/eth0/address"]);
  expect([...podman.addressesOf("a"), link]).toEqual(["10.244.0.50", "fd00:10:244::50", "02:00:00:00:00:50"]);
});

test("a published port answers again when podman has reloaded its networks", async () => {
  await using podman = await Podman.create();
  serveWeb(podman, ["--publish", "8080:80"]);
  podman.node.sh("nft delete table inet podwire");
  podman.call(["network", "reload", "--all"]);
  expect(pageAt(podman.world.outside, `http://${NODE4}:8080/`)).toBe("server");
});
