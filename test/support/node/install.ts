/** A node for installations, whose directory of plugins is its own. */

import { Node, PODWIRE } from "./node.ts";

export const BIN_DIR = "/opt/cni/bin";
export const CONF_DIR = "/etc/cni/net.d";
export const CONFLIST = `${CONF_DIR}/10-podwire.conflist`;

export async function createBareNode(): Promise<Node> {
  const node = await Node.create();
  node.sh(`mkdir -p ${BIN_DIR}; mount -t tmpfs tmpfs ${BIN_DIR}`);
  return node;
}

/** The executable with a byte of the padding in its ELF header set: the same program, other bytes. @see elf(5) EI_PAD */
export function makeVariant(node: Node): string {
  node.sh(`cp ${PODWIRE} /run/variant
    printf '\\001' | dd of=/run/variant bs=1 seek=12 conv=notrunc status=none`);
  return "/run/variant";
}

/** Every file and link of the plugins and configurations, with type and digest: for what must not have changed. */
export function installedFiles(node: Node): string {
  return node.sh(`cd /; find ${BIN_DIR} ${CONF_DIR} \\( -type f -exec sha256sum {} + \\) -o \\( -type l -printf '%l  %p\\n' \\) \\
    2>/dev/null | sort -k2`);
}
