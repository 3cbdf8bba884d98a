/** The one file that is made of all parts; the engine finds them by its last bytes (engine/engine.h, `struct layout`). */

import { readFileSync, writeFileSync } from "node:fs";

/** No machine of ours has larger pages: each part can be mapped where it stands. */
const ALIGNMENT = 65_536;
const MAGIC = "podwire1";

export interface Parts {
  readonly engine: string;
  readonly heap: string | undefined;
  readonly commandLine: string;
}

export function joinParts({ engine, heap, commandLine }: Parts, outfile: string): void {
  const contents = [engine, heap, commandLine].map((file) =>
    file === undefined ? Buffer.alloc(0) : readFileSync(file),
  );
  const offsets: number[] = [];
  let end = 0;
  const pieces = contents.flatMap((content) => {
    const padding = Buffer.alloc(-end & (ALIGNMENT - 1));
    offsets.push(end + padding.length);
    end += padding.length + content.length;
    return [padding, content];
  });
  const [, heapOffset = 0, programOffset = 0] = offsets;
  const layout = Buffer.alloc(32);
  [heapOffset, contents[1]?.length ?? 0, programOffset].forEach((value, index) => {
    layout.writeBigUInt64LE(BigInt(value), index * 8);
  });
  layout.write(MAGIC, 24);
  writeFileSync(outfile, Buffer.concat([...pieces, layout]), { mode: 0o755 });
}
