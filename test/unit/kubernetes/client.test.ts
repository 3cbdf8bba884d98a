/** Requests and their failures, at the fake API server. */

import { expect, test } from "vitest";
import { ApiClient } from "../../../src/kubernetes/client.ts";
import { ApiError, ApiUnreachable } from "../../../src/kubernetes/error.ts";
import { FakeApiServer } from "../../support/kubernetes/fake-api-server.ts";
import { accessTo, clientOf } from "../../support/kubernetes/fake-client.ts";

const PATH = "/apis/podwire.io/v1alpha1/addressblocks";
const BLOCK = { apiVersion: "podwire.io/v1alpha1", kind: "AddressBlock", metadata: { name: "b" } };

/** What a promise is refused with. */
async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.unreachable(`granted: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

function statuses(server: FakeApiServer): string[] {
  return server.requests.map(({ method }) => method);
}

test("ApiClient.create() gives the Status document of a refusal as an error", async () => {
  await using server = await FakeApiServer.start();
  const client = clientOf(server);
  await client.create(PATH, BLOCK);
  const error = await refusal(client.create(PATH, BLOCK));
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 409, reason: "AlreadyExists", retryAfterMs: undefined });
  expect(String(error)).toBe(`ApiError: POST ${PATH}: 409 AlreadyExists: addressblocks "b": already exists`);
});

test("ApiClient shows the text of an answer that is no Status document", async () => {
  await using server = await FakeApiServer.start();
  server.inject({ effect: { refuse: { status: 418, document: { teapot: true } } } });
  const error = await refusal(clientOf(server).get(`${PATH}/b`));
  expect(error).toMatchObject({ status: 418, reason: "" });
  expect(String(error)).toContain("teapot");
});

test("ApiClient.get() asks again after the time that a busy server names", async () => {
  await using server = await FakeApiServer.start();
  const client = clientOf(server);
  await client.create(PATH, BLOCK);
  server.inject({ effect: { refuse: { status: 503, retryAfter: 0.2 } } });
  const began = performance.now();
  await client.get(`${PATH}/b`);
  expect(performance.now() - began).toBeGreaterThanOrEqual(200);
  expect(statuses(server)).toEqual(["POST", "GET", "GET"]);
});

test("ApiClient.get() gives up after a number of attempts", async () => {
  await using server = await FakeApiServer.start();
  server.inject({ effect: { refuse: { status: 503 } }, times: Number.POSITIVE_INFINITY });
  expect(await refusal(clientOf(server, { attempts: 3 }).get(`${PATH}/b`))).toMatchObject({ status: 503 });
  expect(server.requests).toHaveLength(3);
});

test("ApiClient.get() leaves it to the caller to wait longer than for an answer", async () => {
  await using server = await FakeApiServer.start();
  server.inject({ effect: { refuse: { status: 429, retryAfter: 60 } } });
  expect(await refusal(clientOf(server).get(`${PATH}/b`))).toMatchObject({ retryAfterMs: 60_000 });
  expect(server.requests).toHaveLength(1);
});

test("ApiClient.create() is repeated where the server refused it as busy, and not where it may have been done", async () => {
  await using server = await FakeApiServer.start();
  const client = clientOf(server);
  server.inject({ effect: { refuse: { status: 429 } } });
  await client.create(PATH, BLOCK);
  expect(server.requests).toHaveLength(2);
  server.inject({ effect: "lose answer" });
  const other = { ...BLOCK, metadata: { name: "c" } };
  expect(await refusal(client.create(PATH, other))).toBeInstanceOf(ApiUnreachable);
  server.inject({ effect: { refuse: { status: 503 } } });
  expect(await refusal(client.create(PATH, other))).toMatchObject({ status: 503 });
  expect(server.requests).toHaveLength(4);
  expect((await client.get(`${PATH}/c`)).metadata.name).toBe("c");
});

test("ApiClient.patch() and delete() of one object are repeated where the answer is lost", async () => {
  await using server = await FakeApiServer.start();
  const client = clientOf(server);
  const { metadata } = await client.create(PATH, BLOCK);
  server.inject({ effect: "reset" });
  await client.patch(`${PATH}/b`, { spec: { first: "10.0.0.0" } });
  server.inject({ effect: "reset" });
  expect(await client.delete(`${PATH}/b`, { uid: metadata.uid })).toBe(true);
});

test("ApiClient.delete() without a uid is not repeated where the connection is lost: another object may be there", async () => {
  await using server = await FakeApiServer.start();
  const client = clientOf(server);
  await client.create(PATH, BLOCK);
  await client.get(`${PATH}/b`);
  server.inject({ effect: "reset" });
  expect(await refusal(client.delete(`${PATH}/b`))).toBeInstanceOf(ApiUnreachable);
  server.inject({ effect: { refuse: { status: 503 } } });
  expect(await refusal(client.delete(`${PATH}/b`))).toMatchObject({ status: 503 });
  expect(statuses(server)).toEqual(["POST", "GET", "DELETE", "DELETE"]);
});

test("ApiClient.delete() holds the server to the preconditions", async () => {
  await using server = await FakeApiServer.start();
  const client = clientOf(server);
  const { metadata } = await client.create(PATH, BLOCK);
  await client.patch(`${PATH}/b`, { spec: { first: "10.0.0.0" } });
  expect(await refusal(client.delete(`${PATH}/b`, { uid: "another" }))).toMatchObject({ status: 409 });
  const { uid, resourceVersion } = metadata;
  expect(await refusal(client.delete(`${PATH}/b`, { uid, resourceVersion }))).toMatchObject({ status: 409 });
  expect(await client.delete(`${PATH}/b`, { uid })).toBe(true);
  expect(await client.delete(`${PATH}/b`, { uid })).toBe(false);
});

test("ApiClient gives up a request that is not answered in time", async () => {
  await using server = await FakeApiServer.start();
  server.inject({ effect: "never answer", times: Number.POSITIVE_INFINITY });
  const client = clientOf(server, { requestMs: 50, attempts: 2 });
  const error = await refusal(client.get(`${PATH}/b`));
  expect(error).toBeInstanceOf(ApiUnreachable);
  expect(String(error)).toContain("no whole answer after 0.05 s");
  expect(server.requests).toHaveLength(2);
  await server.until(() => server.connections === 0);
});

test("ApiClient.get() waits for an answer that is slow", async () => {
  await using server = await FakeApiServer.start();
  const client = clientOf(server);
  await client.create(PATH, BLOCK);
  const held = Promise.withResolvers<void>();
  server.inject({ effect: { hold: held.promise } });
  const answer = client.get(`${PATH}/b`);
  await server.until(() => server.requests.length === 2);
  held.resolve();
  expect((await answer).metadata.name).toBe("b");
});

test("ApiClient.list() gives all objects of a list that comes in parts", async () => {
  await using server = await FakeApiServer.start({ pageSize: 2 });
  const client = clientOf(server);
  for (const name of ["a", "b", "c", "d", "e"]) await client.create(PATH, { metadata: { name } });
  const { items, resourceVersion } = await client.list(PATH, { resourceVersion: "0" });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(["a", "b", "c", "d", "e"]);
  expect(resourceVersion).toBe(String(server.store.revision));
  const pages = server.requests.slice(5).map(({ query }) => query.get("resourceVersion"));
  expect(pages).toEqual(["0", null, null]);
});

test("ApiClient.list() reads a large list", async () => {
  await using server = await FakeApiServer.start();
  const client = clientOf(server);
  const text = "ö".repeat(50_000);
  for (let index = 0; index < 60; index += 1)
    await client.create(PATH, { metadata: { name: `b${index}` }, text });
  const { items } = await client.list(PATH);
  expect(items.map((item) => item.text).every((got) => got === text)).toBe(true);
});

test("ApiClient asks again at once where the server refuses the token and there is another one", async () => {
  await using server = await FakeApiServer.start();
  server.tokens.clear();
  server.tokens.add("second");
  let token = "first";
  const renewToken = () => {
    token = "second";
    return true;
  };
  const credentials = () => ({ tls: { ca: server.ca }, token });
  const client = new ApiClient({ server: server.url, credentials, renewToken });
  expect((await client.list(PATH)).items).toEqual([]);
  expect(server.requests.map(({ headers }) => headers.get("authorization"))).toEqual([
    "Bearer first",
    "Bearer second",
  ]);
});

test("ApiClient takes a token that is refused for an error, where there is no other", async () => {
  await using server = await FakeApiServer.start();
  const client = new ApiClient(accessTo(server, "wrong"));
  expect(await refusal(client.list(PATH))).toMatchObject({ status: 401, reason: "Unauthorized" });
  expect(server.requests).toHaveLength(1);
});

test("ApiClient does not talk to a server whose certificate is by nobody that it knows, or for another name", async () => {
  await using server = await FakeApiServer.start();
  const access = accessTo(server);
  const options = { pace: { attempts: 1 } };
  const strange = new ApiClient({ ...access, credentials: () => ({ tls: {}, token: "token" }) }, options);
  expect(await refusal(strange.list(PATH))).toBeInstanceOf(ApiUnreachable);
  const tls = { ca: server.ca, serverName: "other.test" };
  const misnamed = new ApiClient({ ...access, credentials: () => ({ tls, token: "token" }) }, options);
  expect(await refusal(misnamed.list(PATH))).toBeInstanceOf(ApiUnreachable);
  expect(server.requests).toEqual([]);
  const named = { ...tls, serverName: "api.test" };
  const known = new ApiClient({ ...access, credentials: () => ({ tls: named, token: "token" }) }, options);
  expect((await known.list(PATH)).items).toEqual([]);
});

test("ApiClient.apply() names the manager of the fields, and makes what is not there", async () => {
  await using server = await FakeApiServer.start();
  const client = clientOf(server);
  await client.apply(`${PATH}/b`, BLOCK);
  await client.apply(`${PATH}/b`, { ...BLOCK, spec: { first: "10.0.0.0" } });
  expect((await client.get(`${PATH}/b`)).spec).toEqual({ first: "10.0.0.0" });
  const { query, headers } = server.requests[0] ?? {};
  expect(query?.get("fieldManager")).toBe("podwire");
  expect(headers?.get("content-type")).toBe("application/apply-patch+yaml");
});
