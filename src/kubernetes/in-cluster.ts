/** The way to the API server from a pod: the variables and the files of its service account. */

import { isIPv6 } from "node:net";
import { type Access, InvalidAccess, parseServer } from "./access.ts";
import { CredentialFile, TokenFile } from "./credential-file.ts";
import { requireCertificate } from "./pem.ts";

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

export interface InClusterOptions {
  /** The API server's URL, for a node whose kube-proxy does not run yet; else the variables say it. */
  readonly apiServer?: string | undefined;
  /** The process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Directory with `ca.crt` and `token`. */
  readonly root?: string;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** @throws {InvalidAccess} neither a URL nor variables; a file is missing or is not what it must be */
export function inClusterAccess(options: InClusterOptions): Access {
  const { apiServer, environment = {}, root = SERVICE_ACCOUNT, now } = options;
  const server = apiServer === undefined ? serverOf(environment) : parseServer(apiServer, "--api-server");
  const ca = new CredentialFile(`${root}/ca.crt`, requireCertificate);
  const token = new TokenFile(`${root}/token`, now);
  const access = {
    server,
    credentials: () => ({ tls: { ca: ca.read() }, token: token.read() }),
    renewToken: () => token.renew(),
  };
  access.credentials();
  return access;
}

function serverOf(environment: Readonly<Record<string, string | undefined>>): string {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = environment;
  if (host === "" || !/^\d+$/.test(port)) {
    throw new InvalidAccess(
      "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT",
      `got "${host}" and "${port}"`,
      "run it in a pod, or give --api-server https://HOST:PORT",
    );
  }
  return parseServer(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`, "KUBERNETES_SERVICE_HOST");
}
