/** Archives that the kernel unpacks as its first file system: one header and one body by file. */

/** One file: its path in the guest without the leading slash, and what is in it. */
export interface CpioFile {
  readonly path: string;
  readonly content: Uint8Array;
}

const EXECUTABLE = 0o100755;
const TRAILER = "TRAILER!!!";

/**
 * The archive of executable files, in the order given; their folders must be there already.
 * @see Documentation/driver-api/early-userspace/buffer-format.rst, "newc"
 */
export function cpio(files: readonly CpioFile[]): Uint8Array[] {
  const parts = files.flatMap(({ path, content }, index) => [
    header(path, { inode: index + 1, mode: EXECUTABLE, size: content.length }),
    content,
    new Uint8Array(-content.length & 3),
  ]);
  return [...parts, header(TRAILER, { inode: 0, mode: 0, size: 0 })];
}

function header(path: string, { inode, mode, size }: { inode: number; mode: number; size: number }): Buffer {
  const [links, nameSize] = [1, Buffer.byteLength(path) + 1];
  const numbers = [inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, nameSize, 0];
  const text = `070701${numbers.map((number) => number.toString(16).padStart(8, "0")).join("")}${path}\0`;
  return Buffer.concat([Buffer.from(text), Buffer.alloc(-Buffer.byteLength(text) & 3)]);
}
