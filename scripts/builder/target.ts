/** The machines that podwire is built for. */

export interface Target {
  /** Bun's name for it. */
  readonly bun: string;
  /** The package with Bun's own executable. */
  readonly runtime: string;
  /** The C compiler's name for it. */
  readonly triple: string;
  /** Runs its programs on other machines; of Debian's package qemu-user-static. */
  readonly emulator: string;
  readonly outfile: string;
}

export const TARGETS: Readonly<Record<string, Target>> = {
  "linux-x64": {
    bun: "bun-linux-x64",
    runtime: "@oven/bun-linux-x64",
    triple: "x86_64-linux-musl",
    emulator: "qemu-x86_64-static",
    outfile: "dist/podwire",
  },
  "linux-arm64": {
    bun: "bun-linux-arm64",
    runtime: "@oven/bun-linux-aarch64",
    triple: "aarch64-linux-musl",
    emulator: "qemu-aarch64-static",
    outfile: "dist/podwire-arm64",
  },
};
