/** A plugin call: what the executable runs where CNI_COMMAND is set. */

import { INPUT_LIMIT } from "../src/cni/request.ts";
import { readAll, writeAll } from "../src/linux/file.ts";
import { libc } from "../src/linux/libc.ts";
import { runPlugin, type Streams } from "../src/plugin/plugin.ts";

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

function print(line: string): void {
  writeAll(STDERR, new TextEncoder().encode(`${line}\n`), "standard error");
}

function streamsOf(variables: Readonly<Record<string, string>>): Streams {
  return {
    report: (line) => print(`podwire: ${line}`),
    trace: variables.PODWIRE_NETLINK_DEBUG === "1" ? print : undefined,
    readStdin: () =>
      libc.isatty(STDIN) === 1 ? new Uint8Array(0) : readAll(STDIN, "standard input", INPUT_LIMIT),
    writeStdout: (document) =>
      writeAll(STDOUT, new TextEncoder().encode(`${JSON.stringify(document)}\n`), "standard output"),
  };
}

native.onCall = (variables) => {
  libc._exit(runPlugin(variables, streamsOf(variables)));
};
