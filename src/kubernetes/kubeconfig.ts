/** The way to the API server by a kubeconfig file, as kubectl has it. */

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Fields, objectField, required, stringField, toFields } from "../json/fields.ts";
import { faultAt, type Located, pathOf, toItems } from "../json/located.ts";
import { type Access, InvalidAccess, parseServer, type Tls } from "./access.ts";
import { CredentialFile, TokenFile } from "./credential-file.ts";
import { requireCertificate, requireKey } from "./pem.ts";

export interface KubeconfigOptions {
  /** In place of `current-context`. */
  readonly context?: string | undefined;
  /** In place of the cluster's `server`. */
  readonly apiServer?: string | undefined;
  /** Takes `insecure-skip-tls-verify`, which is refused otherwise. */
  readonly allowsUnverified?: boolean;
}

/** What is read at each request. */
type Part = (() => string) | undefined;
type Require = (text: string, place: string) => string;

/** Fields that name a program or a library which would get the credentials. */
const HELPERS = ["exec", "auth-provider"];
const WANT_CREDENTIALS =
  "want token, tokenFile or client-certificate with client-key: for a service account `kubectl create token`";

/** @throws {InvalidAccess} with file and field */
export async function kubeconfigAccess(path: string, options: KubeconfigOptions = {}): Promise<Access> {
  const file = resolve(path);
  const document = toFields(await readDocument(file));
  const name = options.context ?? stringField(document, "current-context");
  const context = entry(document, "contexts", "context", required(document, "current-context", name));
  const cluster = entry(document, "clusters", "cluster", text(context, "cluster"));
  const user = entry(document, "users", "user", text(context, "user"));
  const tls = tlsOf(file, { cluster, user, allowsUnverified: options.allowsUnverified ?? false });
  const token = tokenOf(file, user);
  const access = {
    server:
      options.apiServer === undefined
        ? parseServer(text(cluster, "server"), `${file}: ${pathOf(cluster, "server")}`)
        : parseServer(options.apiServer, "--api-server"),
    credentials: () => ({ tls: tls(), token: token?.read() }),
    renewToken: () => token?.renew() ?? false,
  };
  access.credentials();
  return access;
}

async function readDocument(file: string): Promise<Located> {
  const { parseYaml } = await import("./yaml.ts");
  try {
    return { path: "", value: parseYaml(readFileSync(file, "utf8")), reading: readingOf(file) };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidAccess(file, `cannot be read: ${problem}`, "want a kubeconfig in YAML", { cause });
  }
}

function readingOf(file: string) {
  return {
    ignoresCase: false,
    ignoresNull: true,
    describe: (wanted: string) => `want ${wanted}`, // not what is there: it may be a secret
    fault: (path: string, problem: string) =>
      new InvalidAccess(path === "" ? file : `${file}: ${path}`, problem, "correct the kubeconfig"),
  };
}

/** The member `inner` of the item of that name in the list. */
function entry(document: Fields, list: string, inner: string, name: string): Fields {
  const located = document.byKey.get(list);
  const items = located === undefined ? [] : toItems(located).map(toFields);
  const found = items.find((item) => stringField(item, "name") === name);
  if (found === undefined) {
    const names = items.map((item) => stringField(item, "name")).join(", ");
    throw faultAt(document, list, `has none of name "${name}", want ${names === "" ? "one" : names}`);
  }
  return objectField(found, inner) as Fields; // `as`: of any fields
}

function text(fields: Fields, key: string): string {
  return required(fields, key, stringField(fields, key));
}

interface Entries {
  readonly cluster: Fields;
  readonly user: Fields;
  readonly allowsUnverified: boolean;
}

function tlsOf(file: string, { cluster, user, allowsUnverified }: Entries): () => Tls {
  const serverName = stringField(cluster, "tls-server-name");
  const isUnverified = cluster.byKey.get("insecure-skip-tls-verify")?.value === true;
  if (isUnverified && !allowsUnverified) {
    const problem =
      "anyone on the way could take the token and answer in the API server's name: give certificate-authority";
    throw faultAt(cluster, "insecure-skip-tls-verify", problem);
  }
  const ca = part(file, cluster, "certificate-authority", requireCertificate);
  const cert = part(file, user, "client-certificate", requireCertificate);
  const key = part(file, user, "client-key", requireKey);
  if ((cert === undefined) !== (key === undefined)) {
    const [present, absent] = cert === undefined ? ["key", "certificate"] : ["certificate", "key"];
    throw faultAt(user, `client-${absent}`, `is missing, and there is client-${present}`);
  }
  return () => ({
    ...(ca === undefined ? {} : { ca: ca() }),
    ...(cert === undefined || key === undefined ? {} : { cert: cert(), key: key() }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(isUnverified ? { rejectUnauthorized: false } : {}),
  });
}

/** The field `<key>-data` has it in base64, `<key>` the file that it is in. */
function part(file: string, fields: Fields, key: string, require: Require): Part {
  const data = stringField(fields, `${key}-data`);
  if (data !== undefined) {
    const decoded = require(Buffer.from(
      data,
      "base64",
    ).toString(), `${file}: ${pathOf(fields, `${key}-data`)}`);
    return () => decoded;
  }
  const path = stringField(fields, key);
  if (path === undefined) return undefined;
  const content = new CredentialFile(resolve(dirname(file), path), require);
  return () => content.read();
}

/** Undefined where the client's certificate says who it is. */
function tokenOf(file: string, user: Fields): Pick<TokenFile, "read" | "renew"> | undefined {
  const helper = HELPERS.find((key) => user.byKey.has(key));
  if (helper !== undefined) {
    throw faultAt(user, helper, `no program is run to get credentials: ${WANT_CREDENTIALS}`);
  }
  const path = stringField(user, "tokenFile");
  if (path !== undefined) return new TokenFile(resolve(dirname(file), path));
  const token = stringField(user, "token");
  if (token !== undefined) return { read: () => token, renew: () => false };
  if (user.byKey.has("client-certificate") || user.byKey.has("client-certificate-data")) return undefined;
  throw faultAt(user, "", `has no credentials: ${WANT_CREDENTIALS}`);
}
