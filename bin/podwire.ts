/** The command line: what the executable runs where CNI_COMMAND is not set. */

import { SUPPORTED_VERSIONS } from "../src/cni/versions.ts";
import { libc } from "../src/linux/libc.ts";

const STDIN = 0;

const args = process.argv.slice(2);
if (args.length > 0 || libc.isatty(STDIN) === 1) {
  const { runCommandLine } = await import("../src/cli/main.ts");
  process.exitCode = await runCommandLine(args);
} else {
  console.error(
    "podwire: a CNI plugin; a container runtime runs it with CNI_COMMAND set, a person with --help",
  );
  console.error(`CNI protocol versions supported: ${SUPPORTED_VERSIONS.join(", ")}`);
}
