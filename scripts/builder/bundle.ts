/** Our modules as few files, with functions that are called once made part of their callers: a start's cost is in first calls. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type MinifyOptions, minify } from "terser";
import { commit, git } from "./commit.ts";

const INLINE: MinifyOptions = {
  module: true,
  toplevel: true,
  ecma: 2020,
  compress: { passes: 2, inline: 3, unsafe_arrows: true, keep_fargs: false },
};

/** Where Bun's part of the lowest layer stands, the engine's. */
const ENGINE: Bun.BunPlugin = {
  name: "engine",
  setup: (builder) => {
    builder.onResolve({ filter: /\/native\.ts$/ }, () => ({ path: resolve("src/linux/native.engine.ts") }));
  },
};

/** The command line and the agent, in chunks that are loaded as they are wanted; `podwire.js` is the first. */
export async function bundleCommandLine(directory: string): Promise<void> {
  await build({
    entrypoints: ["bin/podwire.ts"],
    target: "bun",
    format: "esm",
    splitting: true,
    outdir: directory,
  });
  for (const name of readdirSync(directory)) {
    writeFileSync(join(directory, name), await minified(join(directory, name)));
  }
}

/** A plugin call, or another entry, as one script for the engine: what the language lacks there, then our modules. */
export async function bundleScript(main: string, directory: string): Promise<string> {
  const scripts: string[] = [];
  for (const entry of ["engine/globals.ts", main]) {
    const outdir = join(directory, entry);
    const [output] = await build({
      entrypoints: [entry],
      target: "browser",
      format: "iife",
      outdir,
      plugins: [ENGINE],
    });
    if (output !== undefined) scripts.push(await minified(output));
  }
  const script = join(directory, "call.js");
  writeFileSync(script, scripts.join("\n"));
  return script;
}

async function build(config: Bun.BuildConfig): Promise<string[]> {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const define = {
    PODWIRE_VERSION: JSON.stringify(version),
    PODWIRE_COMMIT: JSON.stringify(commit()),
    PODWIRE_DATE: JSON.stringify(git("log", "-1", "--format=%cs")),
    // Where the modules stand in the executable. Bun would write the directory of each package into it, on this machine.
    __dirname: JSON.stringify("/$bunfs/root"),
  };
  const { outputs } = await Bun.build({ ...config, define });
  return outputs.map(({ path }) => path);
}

async function minified(file: string): Promise<string> {
  const { code } = await minify(readFileSync(file, "utf8"), INLINE);
  if (code === undefined) throw new Error(`${file}: the minifier gave no code`);
  return code;
}
