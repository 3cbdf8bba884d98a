/** The client at a real API server: who may, what comes back, and what a restart of the server does. */

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient } from "../../src/kubernetes/client.ts";
import { inClusterAccess } from "../../src/kubernetes/in-cluster.ts";
import { kubeconfigAccess } from "../../src/kubernetes/kubeconfig.ts";
import { watchResource } from "../../src/kubernetes/watch.ts";
import { ApiServer } from "../support/kubernetes/api-server.ts";
import { defineThings, THINGS, thing } from "../support/kubernetes/custom-resource.ts";
import { Recorder } from "../support/kubernetes/recorder.ts";

const NAMESPACES = "/api/v1/namespaces";
const ACCOUNTS = `${NAMESPACES}/default/serviceaccounts`;
const QUICK = { pace: { firstPauseMs: 20, longestPauseMs: 200 } };

let server: ApiServer;
let client: ApiClient;
beforeAll(async () => {
  server = await ApiServer.start();
  client = new ApiClient(server.access(), QUICK);
  await defineThings(client);
});
afterAll(() => server[Symbol.asyncDispose]());

/** What etcd answers to a request of its API as JSON. */
async function askEtcd(path: string, body: object): Promise<void> {
  const response = await fetch(`${server.etcdUrl}/v3/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
}

test("ApiClient has a pod's rights by the files of its service account", async () => {
  await client.create(ACCOUNTS, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "agent" } });
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
  const path = `${ACCOUNTS}/agent/token`;
  const answer = await client.request({ method: "POST", path, body: request });
  const { token } = (answer as { status: { token: string } }).status;
  const root = join(server.directory, "account");
  mkdirSync(root);
  writeFileSync(join(root, "ca.crt"), server.ca);
  writeFileSync(join(root, "token"), token);
  const url = new URL(server.url);
  const environment = { KUBERNETES_SERVICE_HOST: url.hostname, KUBERNETES_SERVICE_PORT: url.port };
  const pod = new ApiClient(inClusterAccess({ environment, root }), QUICK);
  const forbidden = pod.list(THINGS);
  await expect(forbidden).rejects.toMatchObject({ status: 403, reason: "Forbidden" });
  await expect(forbidden).rejects.toThrow(
    '"system:serviceaccount:default:agent" cannot list resource "things"',
  );
  server.kubectl("create", "clusterrole", "reads", "--verb=list,watch", "--resource=things.test.podwire.io");
  server.kubectl(
    "create",
    "clusterrolebinding",
    "b",
    "--clusterrole=reads",
    "--serviceaccount=default:agent",
  );
  // The server's authorizer learns of the binding by a watch of its own.
  const told = new Recorder();
  using _watch = watchResource(pod, { path: THINGS }, told);
  await told.until("synced");
  expect((await pod.list(THINGS)).items).toEqual([]);
});

test("ApiClient is refused with a token that is none", async () => {
  const stranger = new ApiClient(server.access("wrong"));
  await expect(stranger.list(THINGS)).rejects.toMatchObject({ status: 401, reason: "Unauthorized" });
});

test("ApiClient refuses a server whose certificate authority it does not know", async () => {
  const access = { ...server.access(), credentials: () => ({ tls: {}, token: "admin-token" }) };
  const unknowing = new ApiClient(access, { pace: { attempts: 1 } });
  await expect(unknowing.list(THINGS)).rejects.toMatchObject({ name: "ApiUnreachable" });
});

test("kubeconfigAccess() reads what kubectl writes", async () => {
  const file = join(server.directory, "written.conf");
  const kubectl = (...words: string[]) => execFileSync("kubectl", ["--kubeconfig", file, "config", ...words]);
  const ca = `--certificate-authority=${join(server.directory, "ca.crt")}`;
  kubectl("set-cluster", "k", `--server=${server.url}`, ca, "--embed-certs");
  kubectl("set-credentials", "u", "--token=admin-token");
  kubectl("set-context", "c", "--cluster=k", "--user=u");
  kubectl("use-context", "c");
  const { items } = await new ApiClient(await kubeconfigAccess(file)).list(NAMESPACES);
  expect(items.map(({ metadata }) => metadata.name)).toContain("kube-system");
});

test("kubeconfigAccess() shows a client certificate", async () => {
  const user = { "client-certificate": "client.crt", "client-key": "client.key" };
  const access = await kubeconfigAccess(server.kubeconfig(user, "certificate.conf"));
  const { items } = await new ApiClient(access).list(NAMESPACES);
  expect(items.map(({ metadata }) => metadata.name)).toContain("kube-system");
  const unnamed = { ...access, credentials: () => ({ tls: { ca: server.ca }, token: undefined }) };
  await expect(new ApiClient(unnamed).list(NAMESPACES)).rejects.toMatchObject({ status: 403 });
});

test("ApiClient.list() gives a list of more than one answer, and one that is compressed", async () => {
  const text = "x".repeat(20_000); // the server compresses from 128 KiB on
  for (let index = 0; index < 20; index += 1) await client.create(THINGS, thing(`long-${index}`, { text }));
  const whole = await client.list(THINGS);
  const parts = await client.list(THINGS, { limit: 3 });
  expect(parts.items.map(({ metadata }) => metadata.uid)).toEqual(
    whole.items.map(({ metadata }) => metadata.uid),
  );
  const told = new Recorder();
  using _watch = watchResource(client, { path: THINGS }, told);
  await told.until("synced");
  expect(told.objects.size).toBe(whole.items.length);
  for (let index = 0; index < 20; index += 1) await client.delete(`${THINGS}/long-${index}`);
});

test("watchResource() goes on where the server ends the watch, without a listing", async () => {
  await client.create(THINGS, thing("before"));
  const second = Promise.withResolvers<void>();
  let requests = 0;
  const credentials = () => {
    requests += 1;
    if (requests === 2) second.resolve();
    return server.access().credentials();
  };
  const pace = { ...QUICK.pace, watchSeconds: [1, 1] } as const;
  const short = new ApiClient({ ...server.access(), credentials }, { pace });
  const told = new Recorder();
  using _watch = watchResource(short, { path: THINGS }, told);
  await second.promise;
  await client.create(THINGS, thing("later"));
  await told.until("put later");
  expect(told.lines).toEqual(["put before", "synced", "put later"]);
  for (const name of ["before", "later"]) await client.delete(`${THINGS}/${name}`);
});

test("watchResource() lists anew after a restart of the server that has forgotten, and removes what has vanished", async () => {
  await client.create(THINGS, thing("stays"));
  await client.create(THINGS, thing("vanishes"));
  const told = new Recorder();
  using watch = watchResource(client, { path: THINGS }, told);
  await told.until("synced");
  await server.kill();
  await told.until("problem");
  expect(watch.isLagging).toBe(true);
  const key = Buffer.from("/registry/test.podwire.io/things/vanishes").toString("base64");
  await askEtcd("kv/deleterange", { key });
  await server.startAgain();
  await told.until("remove vanishes");
  expect([watch.size, watch.isLagging, told.lines.includes("recovered")]).toEqual([1, false, true]);
  expect(told.lines.filter((line) => line === "synced")).toHaveLength(1);
});

test("a server without the feature makes watchResource() list by a request of its own", async () => {
  await using old = await ApiServer.start({ flags: ["--feature-gates=WatchList=false"] });
  const admin = new ApiClient(old.access(), QUICK);
  const told = new Recorder();
  using _watch = watchResource(admin, { path: NAMESPACES, fieldSelector: "metadata.name=default" }, told);
  await told.until("synced");
  expect(told.lines).toEqual(["put default", "synced"]);
});
