/** Archives that the kernel unpacks as its first file system: one header and one body by file. */

import { dirname } from "node:path";

/** One file: its path in the guest without the leading slash, and what is in it or, of a symbolic link, where it leads. */
export type CpioFile = { readonly path: string } & (
  | { readonly content: Uint8Array }
  | { readonly target: string }
);

const EXECUTABLE = 0o100755;
const DIRECTORY = 0o040755;
const LINK = 0o120777;
const NOTHING = new Uint8Array();

/**
 * The archive of executable files, symbolic links and the directories that they are in, as parts that follow each other.
 * @see Documentation/driver-api/early-userspace/buffer-format.rst, "newc"
 */
export function cpio(files: readonly CpioFile[]): Uint8Array[] {
  const directories = [...new Set(files.flatMap(({ path }) => directoriesOf(path)))];
  return [
    ...directories.flatMap((path) => entry(path, DIRECTORY, NOTHING)),
    ...files.flatMap((file) =>
      "target" in file
        ? entry(file.path, LINK, Buffer.from(file.target))
        : entry(file.path, EXECUTABLE, file.content),
    ),
    ...entry("TRAILER!!!", 0, NOTHING),
  ];
}

/** The outermost first, without the root. */
function directoriesOf(path: string): string[] {
  const directory = dirname(path);
  return directory === "." ? [] : [...directoriesOf(directory), directory];
}

function entry(path: string, mode: number, content: Uint8Array): Uint8Array[] {
  const [links, nameSize] = [1, Buffer.byteLength(path) + 1];
  const numbers = [0, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, nameSize, 0];
  const text = `070701${numbers.map((number) => number.toString(16).padStart(8, "0")).join("")}${path}\0`;
  return [padded(Buffer.from(text)), padded(content)];
}

/** Up to the next four bytes, as headers and bodies must begin there. */
function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
