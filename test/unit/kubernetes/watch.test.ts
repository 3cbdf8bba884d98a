/** Watches where all goes well: what is told, and what is asked for. */

import { expect, test } from "vitest";
import { watchResource } from "../../../src/kubernetes/watch.ts";
import { FakeApiServer } from "../../support/kubernetes/fake-api-server.ts";
import { clientOf } from "../../support/kubernetes/fake-client.ts";
import { parsePath } from "../../support/kubernetes/fake-path.ts";
import { Recorder } from "../../support/kubernetes/recorder.ts";

const PATH = "/apis/podwire.io/v1alpha1/nodenetworks";
const PODS = "/api/v1/pods";

function at(path: string) {
  const parsed = parsePath(path);
  if (parsed === undefined) throw new Error(`no path: ${path}`);
  return parsed;
}

function put(server: FakeApiServer, name: string, content: object = {}): void {
  server.store.patch(at(`${PATH}/${name}`), { metadata: { name }, ...content }, { creates: true });
}

test("watchResource() tells the present objects, then that these are all, then changes", async () => {
  await using server = await FakeApiServer.start();
  put(server, "a");
  put(server, "b");
  const told = new Recorder();
  using watch = watchResource(clientOf(server), { path: PATH }, told);
  expect(watch.isLagging).toBe(true);
  await told.until("synced");
  expect([watch.isConnected, watch.isLagging, watch.size]).toEqual([true, false, 2]);
  put(server, "a", { spec: { mtu: 1400 } });
  put(server, "c");
  server.store.delete(at(`${PATH}/b`), undefined);
  await told.until("remove b");
  expect(told.lines).toEqual(["put a", "put b", "synced", "put a", "put c", "remove b"]);
  expect(told.objects.get("a")?.spec).toEqual({ mtu: 1400 });
  expect(server.requests).toHaveLength(1);
});

test("watchResource() says synced also where there is no object", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  using watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  expect(told.lines).toEqual(["synced"]);
  expect(watch.lastEventAt).toBeDefined();
});

test("watchResource() asks for the listing as events, bookmarks and a time of its own, without managed fields", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH, labelSelector: "a=b" }, told);
  await told.until("synced");
  const { query, headers } = server.requests[0] ?? {};
  expect(Object.fromEntries(query ?? [])).toMatchObject({
    watch: "true",
    sendInitialEvents: "true",
    resourceVersionMatch: "NotOlderThan",
    allowWatchBookmarks: "true",
    labelSelector: "a=b",
  });
  const seconds = Number(query?.get("timeoutSeconds"));
  expect(seconds >= 300 && seconds <= 600).toBe(true);
  expect(headers?.get("accept")).toBe("application/json;drop=metadata.managedFields, application/json");
  expect(headers?.get("user-agent")).toBe("podwire/1.2.3");
});

test("watchResource() removes an object that no longer matches the selector", async () => {
  await using server = await FakeApiServer.start();
  const pod = at("/api/v1/namespaces/web/pods/p");
  server.store.create(pod, { metadata: { name: "p" }, spec: { nodeName: "n1" } });
  server.store.create(at("/api/v1/namespaces/web/pods/q"), {
    metadata: { name: "q" },
    spec: { nodeName: "n2" },
  });
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PODS, fieldSelector: "spec.nodeName=n1" }, told);
  await told.until("synced");
  server.store.patch(pod, { spec: { nodeName: "n2" } });
  await told.until("remove p");
  expect(told.lines).toEqual(["put p", "synced", "remove p"]);
});

test("watchResource() tells objects of the same name in two namespaces apart", async () => {
  await using server = await FakeApiServer.start();
  for (const namespace of ["web", "db"]) {
    server.store.create(at(`/api/v1/namespaces/${namespace}/pods/p`), { metadata: { name: "p" } });
  }
  const told = new Recorder();
  using watch = watchResource(clientOf(server), { path: PODS }, told);
  await told.until("synced");
  expect([told.lines, watch.size]).toEqual([["put p", "put p", "synced"], 2]);
});

test("watchResource() gets metadata alone when it is asked for", async () => {
  await using server = await FakeApiServer.start();
  put(server, "a", { spec: { mtu: 1400 } });
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH, isMetadataOnly: true }, told);
  await told.until("synced");
  expect(Object.keys(told.objects.get("a") ?? {}).sort()).toEqual(["apiVersion", "kind", "metadata"]);
});

test("watchResource() reads a watch that is compressed member by member", async () => {
  await using server = await FakeApiServer.start({ gzip: true });
  put(server, "a");
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  put(server, "b", { spec: { text: "x".repeat(300_000) } });
  await told.until("put b");
  server.store.delete(at(`${PATH}/a`), undefined);
  await told.until("remove a");
  expect(server.requests).toHaveLength(1);
});

test("watchResource() reads events that come in pieces cut within a character", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  const object = { metadata: { name: "größe", uid: "1", resourceVersion: "200" } };
  const bytes = Buffer.from(`${JSON.stringify({ type: "ADDED", object })}\n`);
  for (const byte of bytes) server.watches[0]?.raw(Buffer.of(byte));
  await told.until("put größe");
});

test("watchResource() takes a last event without the end of a line", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  const object = { metadata: { name: "last", uid: "1", resourceVersion: "200" } };
  server.watches[0]?.raw(JSON.stringify({ type: "ADDED", object }));
  server.watches[0]?.end();
  await told.until("put last");
  await server.until(() => server.requests.length === 2);
  expect(server.requests[1]?.query.get("resourceVersion")).toBe("200");
});

test("watchResource() goes on from the last event where the server ends a watch", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  put(server, "a");
  await told.until("put a");
  const revision = String(server.store.revision);
  server.watches[0]?.end();
  put(server, "missed");
  await told.until("put missed");
  expect(server.requests.at(-1)?.query.get("resourceVersion")).toBe(revision);
  expect(server.requests.at(-1)?.query.has("sendInitialEvents")).toBe(false);
  expect(told.lines).toEqual(["synced", "put a", "put missed"]);
});

test("watchResource() goes on from a bookmark, though what came after its last event is forgotten", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  put(server, "a");
  for (let change = 0; change < 5; change += 1) server.store.advance();
  server.bookmark();
  server.store.compact();
  server.watches[0]?.end();
  await server.until(() => server.requests.length === 2 && server.watches.length === 1);
  put(server, "b");
  await told.until("put b");
  expect(server.requests).toHaveLength(2);
  expect(server.requests[1]?.query.get("resourceVersion")).toBe("106");
});

test("watchResource() passes over the deletion of an object that it has not told of, or of a former one of the name", async () => {
  await using server = await FakeApiServer.start();
  put(server, "a");
  const told = new Recorder();
  using watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  for (const name of ["a", "unknown"]) {
    server.watches[0]?.send("DELETED", { metadata: { name, uid: "former", resourceVersion: "200" } });
  }
  put(server, "b");
  await told.until("put b");
  expect([told.lines, watch.size]).toEqual([["put a", "synced", "put b"], 2]);
});

test("ResourceWatch.close() ends the connection at once, and nothing is told any more", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  const watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  watch.close();
  put(server, "a");
  await server.until(() => server.connections === 0);
  expect([told.lines, watch.isConnected]).toEqual([["synced"], false]);
});

test("ResourceWatch.close() by the handler leaves out what has come with the same piece", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  const watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  const put = told.put.bind(told);
  told.put = (object) => {
    put(object);
    watch.close();
  };
  const event = (name: string) => {
    const object = { metadata: { name, uid: name, resourceVersion: "200" } };
    return `${JSON.stringify({ type: "ADDED", object })}\n`;
  };
  server.watches[0]?.raw(event("first") + event("second"));
  await server.until(() => server.connections === 0);
  expect(told.lines).toEqual(["synced", "put first"]);
});

test("watchResource() goes on where the handler throws, and tells it", async () => {
  await using server = await FakeApiServer.start();
  put(server, "bad");
  put(server, "good");
  const told = new Recorder();
  const failing = Object.assign(new Recorder(), {
    put: (object: Parameters<Recorder["put"]>[0]) => {
      if (object.metadata.name === "bad") throw new Error("cannot be read");
      told.put(object);
    },
    synced: () => told.synced(),
    problem: (error: Error) => told.problem(error),
  });
  using _watch = watchResource(clientOf(server), { path: PATH }, failing);
  await told.until("synced");
  expect(told.lines).toEqual(["problem", "put good", "synced"]);
});
