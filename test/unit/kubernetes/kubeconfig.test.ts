/** Kubeconfig files: as kubectl writes them, and what is refused. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { kubeconfigAccess } from "../../../src/kubernetes/kubeconfig.ts";
import { makeCertificates } from "../../support/kubernetes/certificates.ts";

const { ca, cert, key } = makeCertificates(["IP:127.0.0.1"]);
const directory = mkdtempSync(join(tmpdir(), "podwire-kubeconfig-"));
const file = join(directory, "config");
afterAll(() => rmSync(directory, { recursive: true }));

const base64 = (text: string) => Buffer.from(text).toString("base64");
const CLUSTER = { server: "https://192.168.1.10:6443", "certificate-authority-data": base64(ca) };

function document(cluster: object, user: object): object {
  return {
    "current-context": "c",
    contexts: [
      { name: "c", context: { cluster: "k", user: "u" } },
      { name: "other", context: { cluster: "k2", user: "u" } },
    ],
    clusters: [
      { name: "k", cluster },
      { name: "k2", cluster: { ...cluster, server: "https://other:443/path/" } },
    ],
    users: [{ name: "u", user }],
  };
}

function write(config: object | string): void {
  writeFileSync(file, typeof config === "string" ? config : stringify(config));
}

test("kubeconfigAccess() reads a token and the certificate authority in the file", async () => {
  write(document(CLUSTER, { token: "secret" }));
  const access = await kubeconfigAccess(file);
  expect(access.server).toBe("https://192.168.1.10:6443");
  expect(access.credentials()).toEqual({ tls: { ca }, token: "secret" });
  expect(access.renewToken()).toBe(false);
});

test("kubeconfigAccess() takes the context that is named", async () => {
  write(document(CLUSTER, { token: "secret" }));
  expect((await kubeconfigAccess(file, { context: "other" })).server).toBe("https://other/path");
});

test("kubeconfigAccess() reads files beside the kubeconfig, and a token that changes", async () => {
  writeFileSync(join(directory, "ca.pem"), ca);
  writeFileSync(join(directory, "token"), "first");
  const { server } = CLUSTER;
  write(
    document({ server, "certificate-authority": "ca.pem", "tls-server-name": "api" }, { tokenFile: "token" }),
  );
  const access = await kubeconfigAccess(file);
  expect(access.credentials()).toEqual({ tls: { ca, serverName: "api" }, token: "first" });
  writeFileSync(join(directory, "token"), "second");
  expect(access.renewToken()).toBe(true);
});

test("kubeconfigAccess() reads a client certificate", async () => {
  write(document(CLUSTER, { "client-certificate-data": base64(cert), "client-key-data": base64(key) }));
  const access = await kubeconfigAccess(file);
  expect(access.credentials()).toEqual({ tls: { ca, cert, key }, token: undefined });
});

test("kubeconfigAccess() takes an unverified server only where the caller allows it", async () => {
  const { server } = CLUSTER;
  write(document({ server, "insecure-skip-tls-verify": true }, { token: "t" }));
  await expect(kubeconfigAccess(file)).rejects.toThrow(
    "clusters[0].cluster.insecure-skip-tls-verify: anyone on the way",
  );
  const access = await kubeconfigAccess(file, { allowsUnverified: true });
  expect(access.credentials().tls).toEqual({ rejectUnauthorized: false });
});

const TOKEN = { token: "secret" };
test.each<[string, object | string, string]>([
  ["a program", document(CLUSTER, { exec: { command: "aws" } }), "users[0].user.exec: no program is run"],
  [
    "a library",
    document(CLUSTER, { "auth-provider": { name: "gcp" } }),
    "users[0].user.auth-provider: no program",
  ],
  ["no credentials", document(CLUSTER, { username: "u" }), "users[0].user: has no credentials: want token"],
  ["no server", document({}, TOKEN), "clusters[0].cluster.server: is missing"],
  [
    "a server without TLS",
    document({ server: "http://k" }, TOKEN),
    'clusters[0].cluster.server: got "http://k"',
  ],
  [
    "a bad certificate authority",
    document({ ...CLUSTER, "certificate-authority-data": "AAAA" }, TOKEN),
    "clusters[0].cluster.certificate-authority-data: is no certificate",
  ],
  [
    "a certificate without its key",
    document(CLUSTER, { "client-certificate-data": base64(cert) }),
    "users[0].user.client-key: is missing, and there is client-certificate",
  ],
  [
    "a bad key",
    document(CLUSTER, { "client-certificate-data": base64(cert), "client-key-data": base64("x") }),
    "users[0].user.client-key-data: is no private key",
  ],
  ["a token that is none", document(CLUSTER, { token: 7 }), "users[0].user.token: want a string"],
  [
    "a context that is not there",
    { ...document(CLUSTER, TOKEN), "current-context": "x" },
    'contexts: has none of name "x", want c, other',
  ],
  [
    "no current context",
    { ...document(CLUSTER, TOKEN), "current-context": null },
    "current-context: is missing",
  ],
  ["a list", "[]", "want an object"],
  ["no YAML", "a: [", "cannot be read"],
])("kubeconfigAccess() says where it is wrong: %s", async (_what, config, message) => {
  write(config);
  await expect(kubeconfigAccess(file)).rejects.toThrow(`${file}: `);
  await expect(kubeconfigAccess(file)).rejects.toThrow(message);
});
