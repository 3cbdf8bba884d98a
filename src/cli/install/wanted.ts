/** From the options of `podwire install` to the files that are to be in place. */

import { basename } from "node:path";
import type { ClusterPods } from "../../cluster/cluster.ts";
import { readTextFileIfAny } from "../../linux/file.ts";
import { misused, refused } from "../failure.ts";
import { isBuilt } from "../version.ts";
import { checkConflist } from "./check-conflist.ts";
import { configDirIn, makeConflist, parsePodCidrs, type Wishes } from "./conflist.ts";
import { digestOf, wantedDigest } from "./files.ts";
import { isUsualConfDir, RECEIPT_POINTER } from "./find-receipt.ts";
import type { Wanted } from "./install.ts";
import { receiptPath } from "./receipt.ts";
import { RUNTIMES, type Runtime } from "./runtimes.ts";
import { TEMPLATE } from "./template.ts";

export interface InstallOptions {
  readonly runtime: string;
  readonly binDir?: string;
  readonly confDir?: string;
  readonly confName: string;
  /** A file to install instead of the list that comes with podwire. */
  readonly conf?: string;
  readonly link: readonly string[];
  readonly podCidr: readonly string[];
  readonly bridge?: string;
  readonly mtu?: string;
  readonly set: readonly string[];
}

/** Everything that an installation is made of. */
export interface Installation {
  readonly runtime: Runtime;
  readonly binDir: string;
  readonly confDir: string;
  /** Where the calls of the installed list look for networks by name. */
  readonly configDir: string;
  /** In the order of installation: the configuration last, as it makes the runtime call the executable. */
  readonly wanted: readonly Wanted[];
  readonly warnings: readonly string[];
}

/** The running program: also where its file was replaced or removed meanwhile. */
const SELF = "/proc/self/exe";

/**
 * `pods`: their settings where the node is in a cluster; "awaited": without the configuration list.
 * @throws {Failure} options that cannot be, or a configuration that would not pass
 */
export function toInstallation(options: InstallOptions, pods?: ClusterPods): Installation {
  if (!isBuilt())
    throw refused("run from source: there is no executable to install", "npm run build makes one");
  const { runtime, binDir, confDir } = directoriesOf(options);
  const { confName, conf } = options;
  if (basename(confName) !== confName || !confName.endsWith(".conflist"))
    throw misused(`--conf-name ${confName}: want a file name that ends in .conflist`);
  const file = conf ?? "built-in configuration";
  const text = makeConflist(readTemplate(conf), file, wishesOf(options, pods));
  const warnings = checkConflist({ file, text, binDir, confDir, confName });
  const executable = {
    path: `${binDir}/podwire`,
    content: { kind: "copy", from: SELF, mode: 0o755 },
  } as const;
  const missing = runtime.calls.filter((name) => isMissing(`${binDir}/${name}`));
  const links = [...new Set([...missing, ...options.link.map(requireLinkName)])].map((name) => ({
    path: `${binDir}/${name}`,
    content: LINK,
  }));
  const list = { path: `${confDir}/${confName}`, content: { kind: "text", text, mode: 0o644 } } as const;
  const lists = pods === "awaited" ? [] : [list];
  const wanted = [executable, ...links, ...pointerTo(confDir), ...lists];
  return { runtime, binDir, confDir, configDir: configDirIn(text, file), wanted, warnings };
}

/** So that podwire doctor finds what was installed elsewhere than any runtime looks by itself. */
function pointerTo(confDir: string): Wanted[] {
  if (isUsualConfDir(confDir)) return [];
  return [{ path: RECEIPT_POINTER, content: { kind: "link", target: receiptPath(confDir) } }];
}

const LINK = { kind: "link", target: "podwire" } as const;

/** Where somebody has put the plugin itself, that one stays. */
function isMissing(path: string): boolean {
  const found = digestOf(path);
  return found === undefined || found === wantedDigest(LINK);
}

/** Where things go: as the person says, else where the runtime looks. */
export function directoriesOf({
  runtime: name,
  binDir,
  confDir,
}: Pick<InstallOptions, "runtime" | "binDir" | "confDir">) {
  const runtime = RUNTIMES.find((candidate) => candidate.name === name);
  if (runtime === undefined)
    throw misused(`--runtime ${name}: want one of ${RUNTIMES.map((one) => one.name).join(", ")}`);
  return { runtime, binDir: binDir ?? runtime.binDir, confDir: confDir ?? runtime.confDir };
}

function readTemplate(conf: string | undefined): string {
  if (conf === undefined) return TEMPLATE;
  const text = readTextFileIfAny(conf);
  if (text === undefined) throw refused(`--conf ${conf}: there is no such file`);
  return text;
}

/** What the cluster gives to the node's pods goes over what the options say. */
function wishesOf({ podCidr, bridge, mtu, set }: InstallOptions, pods?: ClusterPods): Wishes {
  const wishes = {
    podCidrs: parsePodCidrs(podCidr),
    set,
    ...(bridge === undefined ? {} : { bridge }),
    ...(mtu === undefined ? {} : { mtu: toBytes(mtu) }),
  };
  if (pods === undefined || pods === "awaited") return wishes;
  return {
    ...wishes,
    podCidrs: pods.ranges,
    mtu: pods.mtu,
    set: [...set, `ipMasq=${pods.masquerade}`],
  };
}

function toBytes(text: string): number {
  if (!/^\d+$/.test(text)) throw misused(`--mtu ${text}: want a number of bytes`);
  return Number(text);
}

function requireLinkName(name: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) || name === "podwire")
    throw misused(`--link ${name}: want the name of another plugin, like net-script`);
  return name;
}
