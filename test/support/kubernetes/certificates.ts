/** A certificate authority with a server's and a client's certificate by it, made by openssl. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PEM texts. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Of an administrator. */
  readonly clientCert: string;
  readonly clientKey: string;
}

const SUBJECTS = [
  ["server", "/CN=server"],
  ["client", "/O=system:masters/CN=admin"],
] as const;

/** `names`: `IP:127.0.0.1`, `DNS:localhost`. */
export function makeCertificates(names: readonly string[]): Certificates {
  const directory = mkdtempSync(join(tmpdir(), "podwire-certificates-"));
  const openssl = (line: string) =>
    execFileSync("openssl", line.split(" "), { cwd: directory, stdio: "pipe" });
  try {
    writeFileSync(join(directory, "names"), `subjectAltName=${names.join(",")}\n`);
    const key = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256";
    openssl(`${key} -x509 -days 3650 -subj /CN=authority -keyout ca.key -out ca.crt`);
    for (const [name, subject] of SUBJECTS) {
      openssl(`${key} -subj ${subject} -keyout ${name}.key -out ${name}.csr`);
      const extensions = name === "server" ? " -extfile names" : "";
      const sign = `x509 -req -in ${name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650`;
      openssl(`${sign} -out ${name}.crt${extensions}`);
    }
    const read = (name: string) => readFileSync(join(directory, name), "utf8");
    const server = { cert: read("server.crt"), key: read("server.key") };
    return { ca: read("ca.crt"), ...server, clientCert: read("client.crt"), clientKey: read("client.key") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
