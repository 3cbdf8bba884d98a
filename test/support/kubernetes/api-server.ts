/** A real API server with its etcd, which scripts/kubernetes has built: everything of it in a directory of its own. */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Access } from "../../../src/kubernetes/access.ts";
import { CACHE } from "../reference/reference.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { choosePorts, type Program, startProgram } from "./program.ts";

/** Directory of etcd, kube-apiserver and, where the machine has none, kubectl. */
const KUBERNETES_BIN = process.env.PODWIRE_KUBERNETES_BIN || join(CACHE, "podwire/kubernetes");
const ADMIN_TOKEN = "admin-token";
const TOKENS = `${ADMIN_TOKEN},admin,1,"system:masters"\nnobody-token,nobody,2\n`;

export interface ApiServerOptions {
  /** The command that runs one elsewhere: `ip netns exec NAME …`; here where it is absent. */
  readonly enter?: (command: readonly string[]) => readonly string[];
  /** Of the API server. */
  readonly address?: string;
  /** Further ones of the API server. */
  readonly flags?: readonly string[];
}

export class ApiServer {
  readonly url: string;
  /** Of etcd: its API as JSON is below `/v3/`. */
  readonly etcdUrl: string;
  /** Holds all of it, until it is disposed of. */
  readonly directory: string;
  readonly #certificates: Certificates;
  readonly #options: Required<ApiServerOptions>;
  readonly #peerPort: number;
  #etcd: Program | undefined;
  #apiServer: Program | undefined;

  private constructor(options: Required<ApiServerOptions>, [port, etcdPort, peerPort]: readonly number[]) {
    const { address } = options;
    this.#options = options;
    this.#peerPort = peerPort ?? 0;
    this.url = `https://${address.includes(":") ? `[${address}]` : address}:${port}`;
    this.etcdUrl = `http://127.0.0.1:${etcdPort}`;
    this.directory = mkdtempSync(join(tmpdir(), "podwire-kubernetes-"));
    this.#certificates = makeCertificates([`IP:${address}`, "DNS:kubernetes.default.svc"]);
    this.#write("ca.crt", this.#certificates.ca);
    this.#write("server.crt", this.#certificates.cert);
    this.#write("server.key", this.#certificates.key);
    this.#write("client.crt", this.#certificates.clientCert);
    this.#write("client.key", this.#certificates.clientKey);
    this.#write("tokens.csv", TOKENS);
    this.kubeconfig({ token: ADMIN_TOKEN }, "admin.conf");
    execFileSync("openssl", ["genrsa", "-out", "sa.key", "2048"], { cwd: this.directory, stdio: "pipe" });
  }

  /** Returns when it is ready. @throws with the log of what has ended before */
  static async start({
    enter = (command) => command,
    address = "127.0.0.1",
    flags = [],
  }: ApiServerOptions = {}) {
    const server = new ApiServer({ enter, address, flags }, await choosePorts(3));
    try {
      server.#startEtcd();
      await server.startAgain();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** PEM. */
  get ca(): string {
    return this.#certificates.ca;
  }

  /** Of an administrator, where no other token is given. */
  access(token = ADMIN_TOKEN): Access {
    return {
      server: this.url,
      credentials: () => ({ tls: { ca: this.ca }, token }),
      renewToken: () => false,
    };
  }

  /** The path of a kubeconfig with these credentials; `client.crt` and `client.key` are beside it. */
  kubeconfig(user: Readonly<Record<string, string>>, name: string): string {
    const cluster = { server: this.url, "certificate-authority": "ca.crt" };
    const document = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "k", cluster }],
      users: [{ name: "u", user }],
      contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
      "current-context": "c",
    };
    return this.#write(name, JSON.stringify(document));
  }

  /** What kubectl prints, as administrator. @throws where it fails */
  kubectl(...words: readonly string[]): string {
    const { status, stdout, stderr } = this.#runKubectl(words);
    if (status !== 0) throw new Error(`kubectl ${words.join(" ")}: ${stderr}`);
    return stdout;
  }

  /** What kubectl says where it is refused; empty where it is not. */
  kubectlFails(...words: readonly string[]): string {
    const { status, stderr } = this.#runKubectl(words);
    return status === 0 ? "" : stderr;
  }

  /** As administrator, where the words name no other kubeconfig. */
  #runKubectl(words: readonly string[]) {
    const [file = "", ...args] = this.#options.enter([
      existsSync(join(KUBERNETES_BIN, "kubectl")) ? join(KUBERNETES_BIN, "kubectl") : "kubectl",
      `--kubeconfig=${join(this.directory, "admin.conf")}`,
      ...words,
    ]);
    return spawnSync(file, args, { encoding: "utf8" });
  }

  /** The API is away; etcd and what it holds stay. */
  async kill(): Promise<void> {
    await this.#apiServer?.kill();
  }

  /** After {@link kill}; returns when it is ready. */
  async startAgain(): Promise<void> {
    const { enter } = this.#options;
    const program = startProgram(enter([toolPath("kube-apiserver"), ...this.#flags()]));
    this.#apiServer = program;
    const header = `Authorization: Bearer ${ADMIN_TOKEN}`;
    const ask = [
      "curl",
      "-sf",
      "--cacert",
      join(this.directory, "ca.crt"),
      "-H",
      header,
      `${this.url}/readyz`,
    ];
    await program.until(enter(ask));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#apiServer?.kill();
    await this.#etcd?.kill();
    rmSync(this.directory, { recursive: true });
  }

  #startEtcd(): void {
    const peers = `http://127.0.0.1:${this.#peerPort}`;
    const flags = {
      name: "e",
      "data-dir": join(this.directory, "etcd"),
      "log-level": "error",
      "listen-client-urls": this.etcdUrl,
      "advertise-client-urls": this.etcdUrl,
      "listen-peer-urls": peers,
      "initial-advertise-peer-urls": peers,
      "initial-cluster": `e=${peers}`,
    };
    const command = [toolPath("etcd"), "--unsafe-no-fsync", ...flagsOf(flags)];
    this.#etcd = startProgram(this.#options.enter(command));
  }

  #flags(): string[] {
    const { address, flags } = this.#options;
    const path = (name: string) => join(this.directory, name);
    const own = flagsOf({
      "etcd-servers": this.etcdUrl,
      "bind-address": address,
      "advertise-address": address,
      "secure-port": new URL(this.url).port,
      "service-cluster-ip-range": "10.96.0.0/16",
      "authorization-mode": "Node,RBAC",
      "client-ca-file": path("ca.crt"),
      "token-auth-file": path("tokens.csv"),
      "tls-cert-file": path("server.crt"),
      "tls-private-key-file": path("server.key"),
      "cert-dir": this.directory,
      "service-account-issuer": "https://kubernetes.default.svc",
      "service-account-key-file": path("sa.key"),
      "service-account-signing-key-file": path("sa.key"),
      // With an address of 127.x it would not start otherwise.
      "endpoint-reconciler-type": "none",
      profiling: "false",
    });
    return [...own, ...flags];
  }

  #write(name: string, text: string): string {
    writeFileSync(join(this.directory, name), text, { mode: 0o600 });
    return join(this.directory, name);
  }
}

function flagsOf(flags: Readonly<Record<string, string>>): string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}

/** @throws where it is missing, with the command that builds it */
function toolPath(name: "etcd" | "kube-apiserver"): string {
  const path = join(KUBERNETES_BIN, name);
  if (!existsSync(path)) throw new Error(`${path} is missing; run scripts/kubernetes to build it`);
  return path;
}
