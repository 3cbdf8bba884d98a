/** The same requests to a real API server and to the fake one, which have to agree. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../../src/kubernetes/client.ts";
import { watchResource } from "../../src/kubernetes/watch.ts";
import { ApiServer } from "../support/kubernetes/api-server.ts";
import { defineThings, THINGS, thing } from "../support/kubernetes/custom-resource.ts";
import { FakeApiServer } from "../support/kubernetes/fake-api-server.ts";
import { accessTo } from "../support/kubernetes/fake-client.ts";
import { Recorder } from "../support/kubernetes/recorder.ts";

const SIDES = ["kube-apiserver", "the fake API server"] as const;
type Side = (typeof SIDES)[number];

let real: ApiServer;
let fake: FakeApiServer;
beforeAll(async () => {
  fake = await FakeApiServer.start();
  real = await ApiServer.start();
  await defineThings(clientOf("kube-apiserver"));
});
afterAll(async () => {
  await real[Symbol.asyncDispose]();
  await fake[Symbol.asyncDispose]();
});

function clientOf(side: Side): ApiClient {
  return new ApiClient(side === "kube-apiserver" ? real.access() : accessTo(fake));
}

test.each(SIDES)(
  "%s: ApiClient.create() gives the object with uid and resource version, and refuses a second one",
  async (side) => {
    const client = clientOf(side);
    const made = await client.create(THINGS, thing("made", { spec: { mtu: 1400 } }));
    expect(made).toMatchObject({ metadata: { name: "made" }, spec: { mtu: 1400 } });
    expect(await client.get(`${THINGS}/made`)).toEqual(made);
    const again = client.create(THINGS, thing("made"));
    await expect(again).rejects.toMatchObject({ name: "ApiError", status: 409, reason: "AlreadyExists" });
    const { items, resourceVersion } = await client.list(THINGS);
    expect(items.map(({ metadata }) => metadata.name)).toContain("made");
    expect(Number(resourceVersion)).toBeGreaterThanOrEqual(Number(made.metadata.resourceVersion));
  },
);

test.each(SIDES)("%s: ApiClient.get() of an object that is not there", async (side) => {
  const refused = clientOf(side).get(`${THINGS}/nothing`);
  await expect(refused).rejects.toMatchObject({ status: 404, reason: "NotFound" });
});

test.each(SIDES)("%s: ApiClient.replace() wants the resource version that is there", async (side) => {
  const client = clientOf(side);
  const first = await client.create(THINGS, thing("replaced"));
  const second = await client.replace(`${THINGS}/replaced`, { ...first, spec: { mtu: 1 } });
  expect(second.metadata.uid).toBe(first.metadata.uid);
  expect(second.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
  const late = client.replace(`${THINGS}/replaced`, { ...first, spec: { mtu: 2 } });
  await expect(late).rejects.toMatchObject({ status: 409, reason: "Conflict" });
});

test.each(SIDES)(
  "%s: ApiClient.patch() changes what it names, removes what is null, and leaves an equal object as it is",
  async (side) => {
    const client = clientOf(side);
    await client.create(THINGS, thing("patched", { spec: { mtu: 1400, vni: 1 } }));
    const patched = await client.patch(`${THINGS}/patched`, { spec: { mtu: 1300, vni: null } });
    expect(patched.spec).toEqual({ mtu: 1300 });
    const same = await client.patch(`${THINGS}/patched`, { spec: { mtu: 1300 } });
    expect(same.metadata.resourceVersion).toBe(patched.metadata.resourceVersion);
    const late = client.patch(`${THINGS}/patched`, { metadata: { resourceVersion: "1" }, spec: { mtu: 1 } });
    await expect(late).rejects.toMatchObject({ status: 409 });
    await expect(client.patch(`${THINGS}/absent`, {})).rejects.toMatchObject({ status: 404 });
  },
);

test.each(SIDES)(
  "%s: the subresource status changes the status alone, and the object all but the status",
  async (side) => {
    const client = clientOf(side);
    await client.create(THINGS, thing("with-status", { spec: { mtu: 1400 } }));
    const both = { spec: { mtu: 1 }, status: { ready: true } };
    const status = await client.patch(`${THINGS}/with-status/status`, both);
    expect([status.spec, status.status]).toEqual([{ mtu: 1400 }, { ready: true }]);
    const changed = { spec: { mtu: 2 }, status: { ready: false } };
    const spec = await client.patch(`${THINGS}/with-status`, changed);
    expect([spec.spec, spec.status]).toEqual([{ mtu: 2 }, { ready: true }]);
  },
);

test.each(SIDES)("%s: ApiClient.apply() makes an object and changes it", async (side) => {
  const client = clientOf(side);
  await client.apply(`${THINGS}/applied`, thing("applied", { spec: { mtu: 1 } }));
  const applied = await client.apply(`${THINGS}/applied`, thing("applied", { spec: { mtu: 2 } }));
  expect(applied.spec).toEqual({ mtu: 2 });
});

test.each(SIDES)("%s: ApiClient.delete() wants the object of the preconditions", async (side) => {
  const client = clientOf(side);
  const { metadata } = await client.create(THINGS, thing("deleted"));
  const { uid, resourceVersion } = metadata;
  await client.patch(`${THINGS}/deleted`, { spec: { mtu: 1 } });
  const other = client.delete(`${THINGS}/deleted`, { uid: "another" });
  await expect(other).rejects.toMatchObject({ status: 409, reason: "Conflict" });
  const late = client.delete(`${THINGS}/deleted`, { uid, resourceVersion });
  await expect(late).rejects.toMatchObject({ status: 409, reason: "Conflict" });
  expect(await client.delete(`${THINGS}/deleted`, { uid })).toBe(true);
  expect(await client.delete(`${THINGS}/deleted`, { uid })).toBe(false);
});

test.each(SIDES)("%s: watchResource() tells what is there and what changes, by selectors", async (side) => {
  const client = clientOf(side);
  const labels = { watched: "yes" };
  const labelled = (name: string) => client.create(THINGS, { ...thing(name), metadata: { name, labels } });
  await labelled("w1");
  const told = new Recorder();
  const path = THINGS;
  using watch = watchResource(client, { path, labelSelector: "watched=yes" }, told);
  await told.until("synced");
  await labelled("w2");
  await client.patch(`${THINGS}/w1`, { metadata: { labels: { watched: "no" } } });
  await client.delete(`${THINGS}/w2`);
  await told.until("remove w2");
  expect(told.lines).toEqual(["put w1", "synced", "put w2", "remove w1", "remove w2"]);
  expect([watch.size, watch.isLagging]).toEqual([0, false]);
});

test.each(SIDES)("%s: watchResource() gets metadata alone", async (side) => {
  const client = clientOf(side);
  await client.create(THINGS, thing("partial", { spec: { mtu: 1 } }));
  const told = new Recorder();
  const fieldSelector = "metadata.name=partial";
  using _watch = watchResource(client, { path: THINGS, fieldSelector, isMetadataOnly: true }, told);
  await told.until("synced");
  const object = told.objects.get("partial");
  expect([object?.kind, object?.spec]).toEqual(["PartialObjectMetadata", undefined]);
});
