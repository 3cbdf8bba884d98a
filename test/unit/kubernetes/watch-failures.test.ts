/** Watches where something fails: refused, forgotten, cut off, silent. */

import { expect, test } from "vitest";
import { ApiError } from "../../../src/kubernetes/error.ts";
import { watchResource } from "../../../src/kubernetes/watch.ts";
import { FakeApiServer, type FakeOptions } from "../../support/kubernetes/fake-api-server.ts";
import { clientOf } from "../../support/kubernetes/fake-client.ts";
import { parsePath } from "../../support/kubernetes/fake-path.ts";
import type { HttpRequest } from "../../support/kubernetes/http-connection.ts";
import { Recorder } from "../../support/kubernetes/recorder.ts";

const PATH = "/apis/podwire.io/v1alpha1/nodenetworks";

function at(name: string) {
  const parsed = parsePath(`${PATH}/${name}`);
  if (parsed === undefined) throw new Error(`no path: ${name}`);
  return parsed;
}

function put(server: FakeApiServer, name: string, content: object = {}): void {
  server.store.patch(at(name), { metadata: { name }, ...content }, { creates: true });
}

/** The requests so far: `watch list` is a watch that begins with a listing. */
function asked(server: FakeApiServer): string[] {
  return server.requests.map(({ query }: HttpRequest) => {
    if (query.get("watch") !== "true") return `list ${query.get("resourceVersion")}`;
    return query.has("sendInitialEvents") ? "watch list" : "watch";
  });
}

test.each<FakeOptions>([{ gone: "event" }, { gone: "status" }])(
  "watchResource() lists anew where the server has forgotten, $gone, and removes what has vanished",
  async (options) => {
    await using server = await FakeApiServer.start(options);
    put(server, "stays");
    put(server, "vanishes");
    put(server, "comes again");
    const told = new Recorder();
    using watch = watchResource(clientOf(server), { path: PATH }, told);
    await told.until("synced");
    const before = told.objects.get("comes again")?.metadata.uid;
    server.watches[0]?.end();
    server.store.delete(at("vanishes"), undefined);
    server.store.delete(at("comes again"), undefined);
    put(server, "comes again");
    put(server, "new");
    server.store.compact();
    await told.until("remove vanishes");
    expect(told.lines.slice(4)).toEqual([
      "put stays",
      "remove comes again",
      "put comes again",
      "put new",
      "remove vanishes",
    ]);
    expect(told.objects.get("comes again")?.metadata.uid).not.toBe(before);
    expect(asked(server)).toEqual(["watch list", "watch", "watch list"]);
    expect([watch.isLagging, watch.size]).toEqual([false, 3]);
  },
);

test("watchResource() lists by a request of its own where the server refuses to do it in the watch", async () => {
  await using server = await FakeApiServer.start({ watchList: "refused" });
  put(server, "a");
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  put(server, "b");
  await told.until("put b");
  expect(asked(server)).toEqual(["watch list", "list 0", "watch"]);
  expect(server.requests[1]?.query.has("limit")).toBe(false);
  expect(told.lines).toEqual(["put a", "synced", "put b"]);
});

test("watchResource() lists by a request of its own where the server knows nothing of listings in the watch", async () => {
  await using server = await FakeApiServer.start({ watchList: "ignored" });
  put(server, "a");
  const told = new Recorder();
  using _watch = watchResource(clientOf(server, { requestMs: 100 }), { path: PATH }, told);
  await told.until("synced");
  expect(asked(server)).toEqual(["watch list", "list 0"]);
  expect(told.lines).toEqual(["put a", "put a", "synced"]);
});

test("watchResource() goes on after a connection that is reset, with a problem and its end told", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  server.watches[0]?.reset();
  await told.until("problem");
  put(server, "missed");
  await told.until("put missed");
  expect(told.lines).toEqual(["synced", "problem", "recovered", "put missed"]);
});

test("watchResource() goes on after a connection that ends within an event", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  server.watches[0]?.truncate({ metadata: { name: "half", uid: "1", resourceVersion: "1000" } });
  await told.until("recovered");
  put(server, "a");
  await told.until("put a");
  expect(told.lines).toEqual(["synced", "problem", "recovered", "put a"]);
});

test("watchResource() leaves a connection on which nothing comes any more", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  const pace = { watchSeconds: [0, 0], graceMs: 100, requestMs: 600_000 } as const;
  using watch = watchResource(clientOf(server, pace), { path: PATH }, told);
  await told.until("synced");
  server.watches[0]?.silence();
  put(server, "missed");
  await told.until("put missed");
  expect(told.problems[0]?.message).toContain("no byte for 0.1 s");
  expect(watch.isConnected).toBe(true);
});

test("watchResource() leaves a connection on which bookmarks came and come no more, long before the watch should end", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  using _watch = watchResource(clientOf(server, { bookmarkMs: 100 }), { path: PATH }, told);
  await told.until("synced");
  server.bookmark();
  server.watches[0]?.silence();
  put(server, "missed");
  await told.until("put missed");
  expect(told.problems[0]?.message).toContain("no byte for 0.1 s");
});

test("watchResource() leaves a listing that stops in its midst, and lists by a request of its own", async () => {
  await using server = await FakeApiServer.start({ watchList: "ignored" });
  put(server, "a");
  const told = new Recorder();
  using _watch = watchResource(clientOf(server, { requestMs: 100 }), { path: PATH }, told);
  await told.until("put a");
  server.watches[0]?.silence();
  await told.until("synced");
  expect(told.problems).toEqual([]);
});

test("watchResource() leaves a server that takes the connection and never answers", async () => {
  await using server = await FakeApiServer.start();
  server.inject({ effect: "never answer" });
  const told = new Recorder();
  using _watch = watchResource(clientOf(server, { requestMs: 100 }), { path: PATH }, told);
  await told.until("synced");
  expect(told.lines).toEqual(["problem", "recovered", "synced"]);
  expect(asked(server)).toEqual(["watch list", "watch list"]);
});

test("watchResource() begins the listing anew where the connection ends in its midst", async () => {
  await using server = await FakeApiServer.start({ watchList: "ignored" });
  put(server, "a");
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("put a");
  server.watches[0]?.reset();
  await told.until("put a", 2);
  expect(asked(server)).toEqual(["watch list", "watch list"]);
});

test("watchResource() tries again for ever where it is refused, and tells each refusal", async () => {
  await using server = await FakeApiServer.start();
  server.inject({ effect: { refuse: { status: 403, reason: "Forbidden" } }, times: 6 });
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  expect(told.lines).toEqual([...Array(6).fill("problem"), "recovered", "synced"]);
  expect(told.problems[0]).toBeInstanceOf(ApiError);
});

test("watchResource() goes on where the handler throws at being told of a problem", async () => {
  await using server = await FakeApiServer.start();
  server.inject({ effect: "reset", times: 2 });
  const told = new Recorder();
  const problem = () => {
    throw new Error("cannot be told");
  };
  const handler = Object.assign(new Recorder(), { problem, synced: () => told.synced() });
  using _watch = watchResource(clientOf(server), { path: PATH }, handler);
  await told.until("synced");
  expect(server.requests).toHaveLength(3);
});

test("watchResource() waits as long as a busy server says", async () => {
  await using server = await FakeApiServer.start();
  server.inject({ effect: { refuse: { status: 429, reason: "TooManyRequests", retryAfter: 0.2 } } });
  const told = new Recorder();
  const began = performance.now();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  expect(performance.now() - began).toBeGreaterThanOrEqual(200);
});

test("watchResource() pauses where the server ends each watch as soon as it begins", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  const pace = { firstPauseMs: 10_000, longestPauseMs: 10_000 };
  using _watch = watchResource(clientOf(server, pace), { path: PATH }, told);
  await told.until("synced");
  server.watches[0]?.end();
  await server.until(() => server.requests.length === 2 && server.watches.length === 1);
  server.watches[0]?.end();
  await told.until("problem");
  expect(told.problems[0]?.message).toContain("ended as soon as it began");
});

test("watchResource() takes an ERROR event that is no 410 for a problem, and goes on where it was", async () => {
  await using server = await FakeApiServer.start();
  put(server, "a");
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  server.watches[0]?.error({ kind: "Status", code: 500, reason: "InternalError", message: "etcd is away" });
  await told.until("recovered");
  expect(told.problems[0]?.message).toContain("500 InternalError: etcd is away");
  expect(asked(server)).toEqual(["watch list", "watch"]);
});

test("watchResource() takes an event that is none for a problem", async () => {
  await using server = await FakeApiServer.start();
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await told.until("synced");
  server.watches[0]?.raw('{"type":"ADDED","object":{"metadata":{}}}\n');
  await told.until("recovered");
  expect(told.problems[0]?.message).toContain("an event is none of an object");
});

test("watchResource() lists by a request of its own where the server calls the listing in the watch a bad request", async () => {
  await using server = await FakeApiServer.start();
  server.inject({ effect: { refuse: { status: 400, reason: "BadRequest" } } });
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await server.until(() => server.watches.length === 1);
  expect([asked(server), told.problems]).toEqual([["watch list", "list 0", "watch"], []]);
});

test("watchResource() tries the listing in the watch again when the server has forgotten: it may be a newer one by then", async () => {
  await using server = await FakeApiServer.start();
  server.inject({ effect: { refuse: { status: 422, reason: "Invalid" } } });
  put(server, "a");
  const told = new Recorder();
  using _watch = watchResource(clientOf(server), { path: PATH }, told);
  await server.until(() => server.watches.length === 1);
  put(server, "b");
  await told.until("put b");
  server.watches[0]?.end();
  server.store.advance();
  put(server, "c");
  server.store.compact();
  await told.until("put c");
  expect(asked(server)).toEqual(["watch list", "list 0", "watch", "watch", "watch list"]);
});
