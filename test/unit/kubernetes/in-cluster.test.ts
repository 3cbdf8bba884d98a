/** A pod's way to the API server. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { inClusterAccess } from "../../../src/kubernetes/in-cluster.ts";
import { makeCertificates } from "../../support/kubernetes/certificates.ts";

const { ca, cert } = makeCertificates(["IP:127.0.0.1"]);
const root = mkdtempSync(join(tmpdir(), "podwire-service-account-"));
afterAll(() => rmSync(root, { recursive: true }));

function write(token: string, authority = ca): void {
  writeFileSync(join(root, "ca.crt"), authority);
  writeFileSync(join(root, "token"), token);
}

const VARIABLES = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };

test.each([
  ["10.96.0.1", "6443", "https://10.96.0.1:6443"],
  ["fd00:10:96::1", "6443", "https://[fd00:10:96::1]:6443"],
])("inClusterAccess() makes the URL of %s and %s", (host, port, url) => {
  write("t");
  const environment = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };
  expect(inClusterAccess({ environment, root }).server).toBe(url);
});

test("inClusterAccess() prefers the URL that is given", () => {
  write("t");
  const apiServer = "https://192.168.1.10:6443/";
  expect(inClusterAccess({ environment: VARIABLES, apiServer, root }).server).toBe(
    "https://192.168.1.10:6443",
  );
});

test.each([
  [{ environment: {} }, 'got "" and ""'],
  [{ environment: { ...VARIABLES, KUBERNETES_SERVICE_PORT: "tcp://" } }, 'got "10.96.0.1" and "tcp://"'],
  [{ apiServer: "http://192.168.1.10" }, '--api-server: got "http://192.168.1.10"'],
  [{ apiServer: "192.168.1.10:6443" }, '--api-server: got "192.168.1.10:6443"'],
  [{ environment: VARIABLES, root: "/nonexistent" }, "/nonexistent/ca.crt: cannot be read: ENOENT"],
])("inClusterAccess() says where %j is wrong", (options, message) => {
  write("t");
  expect(() => inClusterAccess({ root, ...options })).toThrow(message);
});

test.each([
  ["t", "garbage", "ca.crt: is no certificate"],
  ["", ca, "token: holds no token"],
  ["two words", ca, "token: holds no token"],
])("inClusterAccess() refuses files with token %j and authority %.10j", (token, authority, message) => {
  write(token, authority);
  expect(() => inClusterAccess({ environment: VARIABLES, root })).toThrow(message);
});

test("Access.credentials() has the token of a minute ago at most", () => {
  write("first\n");
  let now = 0;
  const access = inClusterAccess({ environment: VARIABLES, root, now: () => now });
  write("second\n");
  now = 59_999;
  expect(access.credentials().token).toBe("first");
  now = 60_000;
  expect(access.credentials().token).toBe("second");
});

test("Access.renewToken() reads the token at once, and says whether it is another", () => {
  write("first");
  const access = inClusterAccess({ environment: VARIABLES, root, now: () => 0 });
  expect(access.renewToken()).toBe(false);
  write("second");
  expect(access.renewToken()).toBe(true);
  expect(access.credentials().token).toBe("second");
});

test("Access.credentials() has another certificate authority as soon as the file has", () => {
  write("t");
  const access = inClusterAccess({ environment: VARIABLES, root });
  write("t", `${ca}${cert}`);
  expect(access.credentials().tls.ca).toBe(`${ca}${cert}`);
});

test("Access.credentials() keeps what it has where a file is in the midst of a change", () => {
  write("t");
  const access = inClusterAccess({ environment: VARIABLES, root, now: () => 0 });
  write("", "-----BEGIN CERT");
  access.renewToken();
  expect(access.credentials()).toEqual({ tls: { ca }, token: "t" });
});
