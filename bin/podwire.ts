/** The executable: a CNI plugin when CNI_COMMAND is set, a command line otherwise. */

import { runPlugin, type Streams } from "../src/attachment/plugin.ts";
import { INPUT_LIMIT } from "../src/cni/request.ts";
import { SUPPORTED_VERSIONS } from "../src/cni/versions.ts";
import { readAll, writeAll } from "../src/linux/file.ts";
import { libc } from "../src/linux/libc.ts";

const STDIN = 0;
const STDOUT = 1;

function report(line: string): void {
  console.error(`podwire: ${line}`);
}

const streams: Streams = {
  report,
  trace: process.env.PODWIRE_NETLINK_DEBUG === "1" ? (line) => console.error(line) : undefined,
  readStdin: () => (isTerminal(STDIN) ? new Uint8Array(0) : readAll(STDIN, "standard input", INPUT_LIMIT)),
  writeStdout: (document) =>
    writeAll(STDOUT, new TextEncoder().encode(`${JSON.stringify(document)}\n`), "standard output"),
};

function isTerminal(fd: number): boolean {
  return libc.isatty(fd) === 1;
}

const args = process.argv.slice(2);
if ((process.env.CNI_COMMAND ?? "") !== "") {
  // Everything is written: the orderly end of the runtime would only cost a millisecond.
  libc._exit(await runPlugin(process.env, streams));
} else if (args.length > 0 || isTerminal(STDIN)) {
  const { runCommandLine } = await import("../src/cli/main.ts");
  process.exitCode = await runCommandLine(args);
} else {
  console.error(
    "podwire: a CNI plugin; a container runtime runs it with CNI_COMMAND set, a person with --help",
  );
  console.error(`CNI protocol versions supported: ${SUPPORTED_VERSIONS.join(", ")}`);
}
