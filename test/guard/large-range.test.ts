/** A range with 65 000 reserved addresses costs a plugin call no more system calls than an empty one. */

import { test } from "vitest";
import type { Node } from "../support/node/node.ts";
import { expectFlat } from "./flat.ts";

const conf = {
  cniVersion: "1.0.0",
  name: "large",
  type: "podwire",
  ipam: { type: "host-local", subnet: "10.0.0.0/16" },
};
const DIRECTORY = "/var/lib/cni/networks/large";
const RESERVED = 65_000;

/** Reserves addresses as 65 000 ADDs would have, by files alone. */
function fill(node: Node): void {
  const script = `
    for i in {2..${RESERVED + 1}}; do
      a=10.0.$((i / 256)).$((i % 256)); printf 'old%d\\r\\neth0' $i > ${DIRECTORY}/$a
    done
    printf %s $a > ${DIRECTORY}/last_reserved_ip.0`;
  const { exitCode, stderr } = node.run(["bash", "-ec", script]);
  if (exitCode !== 0) throw new Error(stderr);
}

test("ADD() and DEL() make as many system calls when 65 000 addresses are reserved as when none is", () =>
  expectFlat(conf, fill));
