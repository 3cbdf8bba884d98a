/** Nodes in files, `nodes/<name>.json`: for hosts that a configuration management hands them out to. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { parseDocument } from "../../network/format/document.ts";
import { DirectoryWatch } from "../../node/directory-watch.ts";
import { NODES } from "../nodes/files.ts";
import { decodeNode } from "../nodes/format.ts";
import type { ClusterNode } from "../nodes/node.ts";
import type { NodeSource, NodeView } from "./source.ts";

/** Whoever writes many files writes them within this time. */
const CALM_MS = 10;
const SUFFIX = ".json";

/** A file as it was read, good or not. */
interface ReadFile {
  /** Changes with the file. */
  readonly signature: string;
  /** The last good content; undefined where there was none. */
  readonly node: ClusterNode | undefined;
  readonly problem?: string;
}

export class NodeFiles implements NodeSource {
  readonly #directory: string;
  readonly #name: string;
  readonly #watch: DirectoryWatch;
  #files: ReadonlyMap<string, ReadFile> = new Map();

  /** `name`: this node's. `changed`: there is another view. */
  constructor(configDir: string, name: string, changed: () => void) {
    this.#directory = `${configDir}/${NODES.directory}`;
    this.#name = name;
    const read = () => {
      this.#files = readAll(this.#directory, this.#files);
      changed();
    };
    this.#watch = new DirectoryWatch([this.#directory], read, CALM_MS);
    this.#files = readAll(this.#directory, this.#files);
  }

  view(): NodeView {
    const files = [...this.#files.values()];
    const nodes = files.flatMap(({ node }) => node ?? []);
    const own = nodes.find(({ name }) => name === this.#name);
    const missing = own === undefined ? [this.#describeMissing()] : [];
    return {
      own,
      isOwnDerived: false,
      peers: nodes.filter(({ name }) => name !== this.#name),
      isSynced: true,
      // A file that cannot be read may be of a node that there is.
      isComplete: files.every(({ node }) => node !== undefined),
      problems: [...missing, ...files.flatMap(({ problem }) => problem ?? [])],
      warnings: [],
    };
  }

  /** Whoever hands the files out has told the others. */
  publish(): void {}

  readonly api = undefined;

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #describeMissing(): string {
    return `${this.#directory}/${this.#name}${SUFFIX} is missing or cannot be read: it names the addresses of this node and the ranges of its pods`;
  }
}

function readAll(directory: string, before: ReadonlyMap<string, ReadFile>): Map<string, ReadFile> {
  const names = readdirSync(directory).filter((name) => name.endsWith(SUFFIX) && !name.startsWith("."));
  return new Map(
    names.sort().flatMap((file) => {
      const read = readOne(directory, file, before.get(file));
      return read === undefined ? [] : [[file, read] as const];
    }),
  );
}

/** Undefined where it was removed meanwhile. A file that is no good any more counts as it was before. */
function readOne(directory: string, file: string, before: ReadFile | undefined): ReadFile | undefined {
  const path = `${directory}/${file}`;
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const signature = `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
  if (before?.signature === signature) return before;
  try {
    const document = parseDocument(path, readFileSync(path, "utf8"));
    return { signature, node: decodeNode(document, file.slice(0, -SUFFIX.length)) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { signature, node: before?.node, problem };
  }
}
