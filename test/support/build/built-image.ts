/** The image of the Dockerfile, built without a registry and without a network. */

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Node } from "../node/node.ts";

/** What the stages of the Dockerfile run or copy. */
const PROGRAMS = ["sh", "bash", "env", "dirname", "uname", "git", "node"];
const LIBRARIES = ["libm.so.6", "libdl.so.2", "libpthread.so.0"];
const BASE = "localhost/node-base";
const RESULT = "localhost/podwire";

export interface ImageFacts {
  readonly config: {
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
}

export class BuiltImage {
  /** Root of the file system that a container of it would have. */
  readonly root: string;
  readonly facts: ImageFacts;
  readonly #work: string;

  private constructor(work: string, facts: ImageFacts) {
    this.#work = work;
    this.root = join(work, "root");
    this.facts = facts;
  }

  /** Builds it on a node of its own, which has no way to a network. */
  static async build(): Promise<BuiltImage> {
    await using node = await Node.create();
    const work = mkdtempSync(join(tmpdir(), "podwire-built-"));
    makeBase(join(work, "base"));
    makeContext(join(work, "context"));
    writeFileSync(join(work, "ignore"), "dist\n");
    writeFileSync(join(work, "policy.json"), '{"default": [{"type": "insecureAcceptAnything"}]}');
    const buildah = `buildah --storage-driver vfs --root ${work}/storage --runroot ${work}/run`;
    const policy = `--signature-policy ${work}/policy.json`;
    node.sh(`cd ${work}
      base=$(${buildah} from scratch)
      ${buildah} copy -q $base base /
      ${buildah} commit -q ${policy} $base ${BASE}
      ${buildah} bud -q --isolation chroot --pull-never ${policy} --ignorefile ignore --build-arg NODE_IMAGE=${BASE} \\
        -t ${RESULT} context
      result=$(${buildah} from --pull-never ${policy} ${RESULT})
      cp -a $(${buildah} mount $result) root
      ${buildah} umount $result`);
    const { OCIv1 } = node.json(`${buildah} inspect --type image ${RESULT}`);
    return new BuiltImage(work, OCIv1);
  }

  [Symbol.dispose](): void {
    rmSync(this.#work, { recursive: true, force: true });
  }
}

/** This machine's own programs with what they need: what the base image of the Dockerfile has of Debian and Node. */
function makeBase(root: string): void {
  for (const directory of ["usr/bin", "usr/lib", "usr/lib64", "tmp", "root", "dev", "proc"])
    mkdirSync(join(root, directory), { recursive: true });
  for (const name of ["bin", "lib", "lib64"]) symlinkSync(`usr/${name}`, join(root, name));
  const programs = PROGRAMS.map((name) => execFileSync("which", [name], { encoding: "utf8" }).trim());
  for (const program of programs) {
    cpSync(program, join(root, "usr/bin", program.slice(program.lastIndexOf("/") + 1)), {
      dereference: true,
    });
    for (const library of librariesOf(program)) copyLibrary(library, root);
  }
  const directory = dirname(librariesOf("/bin/sh").find((path) => path.includes("libc.so")) ?? "");
  for (const name of LIBRARIES) copyLibrary(`${directory}/${name}`, root);
  const npm = dirname(
    dirname(execFileSync("sh", ["-c", "readlink -f $(which npm)"], { encoding: "utf8" }).trim()),
  );
  cpSync(npm, join(root, "usr/lib/node_modules/npm"), { recursive: true });
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/bin/npm"));
}

function librariesOf(program: string): string[] {
  return execFileSync("ldd", [program], { encoding: "utf8" }).match(/\/\S+/g) ?? [];
}

/** Debian's /lib is /usr/lib; the loader has a second name in /lib64. */
function copyLibrary(path: string, root: string): void {
  const target = join(root, path.startsWith("/usr") ? path : `/usr${path}`);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(path, target, { dereference: true });
  if (!path.includes("/ld-linux")) return;
  const own = execFileSync("readlink", ["-f", path], { encoding: "utf8" }).trim();
  if (!existsSync(join(root, own))) copyLibrary(own, root);
}

/** The sources as git would have them, and the installed packages. */
function makeContext(directory: string): void {
  mkdirSync(directory);
  execFileSync("sh", [
    "-ec",
    `git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t ${directory}; cp -a node_modules ${directory}/`,
  ]);
}
