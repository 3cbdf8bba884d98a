/**
 * Builds an engine that runs the probe: build-probe.ts DIRECTORY [--joined | --failing]; prints its path. `--joined`: with
 * its saved heap behind it, as podwire is; `--failing`: one whose script throws an error that nothing catches.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleScript } from "../../scripts/builder/bundle.ts";
import { buildEngine, compileEngineParts } from "../../scripts/builder/engine.ts";
import { joinParts } from "../../scripts/builder/layout.ts";
import { TARGETS } from "../../scripts/builder/target.ts";

const [parent = "", mode = "--plain"] = process.argv.slice(2);
const directory = join(parent, mode);
mkdirSync(directory);
const target = TARGETS[`linux-${process.arch}`];
if (target === undefined) throw new Error(`no target for ${process.arch}`);
const script = join(directory, "failing.js");
writeFileSync(script, 'native.onCall = () => { throw new Error("out of order"); };');
const source =
  mode === "--failing" ? script : await bundleScript("test/engine/probe-call.ts", join(directory, "bundle"));
const { executable, heap } = await buildEngine(
  await compileEngineParts(target, directory),
  source,
  directory,
);
const joined = join(directory, "joined");
if (mode === "--joined") joinParts({ engine: executable, heap, commandLine: executable }, joined);
console.log(mode === "--joined" ? joined : executable);
