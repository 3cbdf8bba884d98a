/** What the engine of plugin calls gives to TypeScript; made in engine/native.c. */

interface EngineFinished {
  /** Why the program could not be started; 0 where it was. */
  readonly errno: number;
  /** As waitpid(2) gives it. */
  readonly status: number;
  readonly stdout: Uint8Array;
}

declare const native: {
  readonly arch: "x64" | "arm64";
  /** Functions of the C library by name: a Uint8Array is its address, null is NULL. */
  readonly libc: Readonly<Record<string, (...args: unknown[]) => number>>;
  /** That of the last call of a function in `libc`. */
  errno(): number;
  encodeText(text: string): Uint8Array;
  decodeText(bytes: Uint8Array): string;
  xxHash64(bytes: Uint8Array, seed: bigint): bigint;
  /** Runs a program to its end with `input` as its standard input; its standard error is ours. */
  spawn(file: string, environment: readonly string[], input: Uint8Array, timeoutMs: number): EngineFinished;
  /** The descriptor of the root of a procfs of this process alone; -1 where there is none. */
  openProcfs(): number;
  /** Milliseconds since the process started. */
  now(): number;
  /** To be set: what a call of the plugin runs, with the environment; it ends the process. */
  onCall: (variables: Readonly<Record<string, string>>) => void;
};
