/** A container image of one static busybox, packed here: nothing comes from a registry. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const IMAGE = "localhost/busybox:latest";

const BUSYBOX = "/bin/busybox"; // Debian's busybox-static
const APPLETS = ["cat", "hostname", "httpd", "sh", "sleep", "true", "wget"];
const FOLDERS = ["bin", "dev", "etc", "proc", "sys", "tmp", "www"];

let archive: string | undefined;

/**
 * Path of the archive, as `docker save` writes one; made at the first call in this process and gone when the process
 * ends. A container of the image sleeps where it is given no command.
 */
export function imageArchive(): string {
  if (archive !== undefined) return archive;
  const folder = mkdtempSync(join(tmpdir(), "podwire-image-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  const root = join(folder, "root");
  for (const name of FOLDERS) mkdirSync(join(root, name), { recursive: true });
  copyFileSync(BUSYBOX, join(root, "bin/busybox"));
  for (const applet of APPLETS) symlinkSync("busybox", join(root, "bin", applet));
  const layer = join(folder, "layer.tar");
  pack(layer, root, FOLDERS);
  const digest = createHash("sha256").update(readFileSync(layer)).digest("hex");
  writeFileSync(join(folder, "config.json"), JSON.stringify(configOf(digest)));
  const manifest = [{ Config: "config.json", RepoTags: [IMAGE], Layers: ["layer.tar"] }];
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  archive = join(folder, "image.tar");
  pack(archive, folder, ["manifest.json", "config.json", "layer.tar"]);
  return archive;
}

function pack(path: string, folder: string, names: readonly string[]): void {
  execFileSync("tar", ["--create", "--file", path, "--directory", folder, ...names]);
}

/** @see https://github.com/opencontainers/image-spec/blob/main/config.md */
function configOf(layerDigest: string): object {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  return {
    architecture,
    os: "linux",
    config: { Env: ["PATH=/bin"], Cmd: ["sleep", "1000000000"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${layerDigest}`] },
  };
}
