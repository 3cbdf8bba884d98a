/** A container image of one static busybox, packed on the node: nothing comes from a registry. */

import { writeFile } from "../node/commands.ts";
import type { Node } from "../node/node.ts";

export const IMAGE = "localhost/busybox:latest";

const DIRECTORY = "/run/image";
const APPLETS = ["cat", "hostname", "httpd", "sh", "sleep", "true", "wget"];

/** Debian's busybox-static in a layer of its own; prints the layer's digest. */
const PACK_LAYER = `
mkdir -p ${DIRECTORY}/root
cd ${DIRECTORY}/root
mkdir bin dev etc proc sys tmp www
cp /bin/busybox bin
for applet in ${APPLETS.join(" ")}; do ln -s busybox bin/$applet; done
tar --create --file ../layer.tar *
sha256sum ../layer.tar | cut -d ' ' -f 1`;

/**
 * Makes the archive, as `docker save` writes one, and gives its path on the node. A container of the image sleeps where
 * it is given no command.
 */
export function packImage(node: Node): string {
  const config = configOf(node.sh(PACK_LAYER).trim());
  const manifest = [{ Config: "config.json", RepoTags: [IMAGE], Layers: ["layer.tar"] }];
  writeFile(node, `${DIRECTORY}/config.json`, config);
  writeFile(node, `${DIRECTORY}/manifest.json`, JSON.stringify(manifest));
  const archive = `${DIRECTORY}/image.tar`;
  node.sh(`tar --create --file ${archive} --directory ${DIRECTORY} manifest.json config.json layer.tar`);
  return archive;
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
