/** A certificate authority and a server's certificate by it, made by openssl. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** PEM texts. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** `names`: `IP:127.0.0.1`, `DNS:localhost`. */
export function makeCertificates(names: readonly string[]): Certificates {
  const directory = mkdtempSync(join(tmpdir(), "podwire-certificates-"));
  const openssl = (line: string) =>
    execFileSync("openssl", line.split(" "), { cwd: directory, stdio: "pipe" });
  try {
    writeFileSync(join(directory, "names"), `subjectAltName=${names.join(",")}\n`);
    const key = "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256";
    openssl(`${key} -x509 -days 3650 -subj /CN=authority -keyout ca.key -out ca.crt`);
    openssl(`${key} -subj /CN=server -keyout server.key -out server.csr`);
    openssl(
      "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -extfile names -out server.crt",
    );
    const read = (name: string) => readFileSync(join(directory, name), "utf8");
    return { ca: read("ca.crt"), cert: read("server.crt"), key: read("server.key") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
