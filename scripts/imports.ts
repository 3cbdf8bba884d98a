/**
 * Enforces who may import whom in src, finds cycles and files that are too long; with --graph prints the directory graph
 * for the README.
 */

import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** For each directory: the directories of src that its files may import, beside their own. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "src/addr": [],
  "src/error": [],
  "src/json": ["src/error"],
  "src/netlink/codec": ["src/addr"],
  "src/linux": ["src/addr", "src/error"],
  "src/netlink": ["src/netlink/codec", "src/linux", "src/addr"],
  "src/netlink/route": ["src/netlink", "src/netlink/codec", "src/addr"],
  "src/netlink/netfilter": ["src/netlink", "src/netlink/codec", "src/addr"],
  "src/cni": ["src/addr", "src/error", "src/json", "src/linux"],
  "src/link": ["src/addr", "src/error", "src/linux", "src/netlink", "src/netlink/codec", "src/netlink/route"],
  "src/ipam": ["src/addr", "src/error", "src/linux"],
  "src/kubernetes": ["src/addr", "src/error", "src/json", "src/linux"],
  "src/network": ["src/addr", "src/error", "src/json", "src/linux"],
  "src/nftables": [
    "src/addr",
    "src/error",
    "src/linux",
    "src/netlink",
    "src/netlink/codec",
    "src/netlink/netfilter",
  ],
  "src/firewall": ["src/addr", "src/linux", "src/netlink", "src/netlink/codec", "src/netlink/netfilter"],
  "src/shaping": [
    "src/addr",
    "src/error",
    "src/linux",
    "src/netlink",
    "src/netlink/codec",
    "src/netlink/route",
  ],
  "src/sriov": [
    "src/addr",
    "src/error",
    "src/linux",
    "src/netlink",
    "src/netlink/codec",
    "src/netlink/route",
  ],
  "src/kernel": [
    "src/link",
    "src/linux",
    "src/netlink",
    "src/netlink/netfilter",
    "src/netlink/route",
    "src/nftables",
    "src/shaping",
  ],
  "src/attachment": [
    "src/addr",
    "src/error",
    "src/json",
    "src/cni",
    "src/linux",
    "src/netlink",
    "src/netlink/codec",
    "src/netlink/route",
    "src/netlink/netfilter",
    "src/link",
    "src/ipam",
    "src/nftables",
    "src/firewall",
    "src/shaping",
    "src/network",
    "src/sriov",
    "src/kernel",
  ],
  "src/plugin": ["src/attachment", "src/cni", "src/error", "src/linux", "src/link", "src/netlink/route"],
  "src/node": [
    "src/addr",
    "src/error",
    "src/json",
    "src/attachment",
    "src/cni",
    "src/ipam",
    "src/link",
    "src/linux",
    "src/netlink",
    "src/netlink/netfilter",
    "src/netlink/route",
    "src/network",
    "src/nftables",
    "src/firewall",
    "src/shaping",
    "src/sriov",
  ],
  "src/cluster": [
    "src/addr",
    "src/error",
    "src/json",
    "src/kubernetes",
    "src/link",
    "src/linux",
    "src/netlink",
    "src/netlink/codec",
    "src/netlink/netfilter",
    "src/netlink/route",
    "src/network",
    "src/nftables",
    "src/node",
  ],
  "src/cli": [
    "src/addr",
    "src/error",
    "src/json",
    "src/cni",
    "src/linux",
    "src/netlink",
    "src/netlink/route",
    "src/netlink/netfilter",
    "src/link",
    "src/ipam",
    "src/nftables",
    "src/firewall",
    "src/shaping",
    "src/network",
    "src/sriov",
    "src/attachment",
    "src/plugin",
    "src/node",
    "src/cluster",
    "src/kubernetes",
    "src/agent",
    "src/kernel",
  ],
  "src/agent": [
    "src/addr",
    "src/attachment",
    "src/cluster",
    "src/error",
    "src/kubernetes",
    "src/linux",
    "src/netlink",
    "src/netlink/netfilter",
    "src/network",
    "src/node",
    "src/plugin",
    "src/sriov",
  ],
  bin: ["src/plugin", "src/cni", "src/linux"],
};

/** Files of a directory that alone may import what the others of it may not. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // Reached by `await import()` only; checked below.
  "bin/podwire.ts": ["src/cli"],
};

/** Files with large packages behind them: reached by `await import()` only, so that no other command loads these. */
const LAZY: Readonly<Record<string, readonly string[]>> = {
  "src/cli/gc/cri.ts": ["@grpc/grpc-js", "protobufjs/light"],
  "src/kubernetes/yaml.ts": ["yaml"],
};

/** Within `src/cni` only the execution of delegates touches the system. */
const ONLY_FILE: Readonly<Record<string, string>> = { "src/cni -> src/linux": "src/cni/delegate.ts" };

const MAX_LINES = 250;
/** No plugin call loads them: they may use packages and the runtime's own modules. */
const COLD = ["src/cli/", "src/agent/", "src/cluster/", "src/kubernetes/", "src/node/"];
const NATIVE = "src/linux/native.ts";

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isLazy: boolean;
}

const files = new Bun.Glob("{src,bin}/**/*.ts");
const sources = new Map([...files.scanSync(".")].sort().map((path) => [path, readFileSync(path, "utf8")]));
const imports = [...sources].flatMap(([path, text]) => importsOf(path, text));

if (process.argv.includes("--graph")) console.log(graph());
else report([...directoryFaults(), ...fileFaults(), ...lazyFaults(), ...cycles(), ...readmeFaults()]);

function importsOf(path: string, text: string): Import[] {
  const pattern = /(?:from |import\()"([^"]+)"/g;
  return [...text.matchAll(pattern)].map(([whole, target = ""]) => ({
    from: path,
    to: target.startsWith(".") ? normalize(join(dirname(path), target)) : target,
    isLazy: whole.startsWith("import("),
  }));
}

/** The directory whose rules hold for a path: the longest that has any. */
function directoryOf(path: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((directory) => path.startsWith(`${directory}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function directoryFaults(): string[] {
  return imports.flatMap(({ from, to, isLazy }) => {
    const [source, target] = [directoryOf(from), directoryOf(to)];
    if (source === undefined) return [`${from}: its directory has no rule in scripts/imports.ts`];
    if (target === undefined || source === target) return [];
    const only = ONLY_FILE[`${source} -> ${target}`];
    if (only !== undefined && from !== only) return [`${from}: only ${only} may import ${target}`];
    if (EXCEPTIONS[from]?.includes(target) && isLazy) return [];
    return MAY_IMPORT[source]?.includes(target) ? [] : [`${from}: may not import ${to}`];
  });
}

function fileFaults(): string[] {
  const foreign = imports.filter(({ from, to }) => !to.startsWith("src/") && !isCold(from));
  return [
    ...foreign
      .filter(({ from, to }) => to !== "bun:ffi" || from !== NATIVE)
      .map(({ from, to }) => `${from}: may not import ${to}`),
    ...[...sources].flatMap(([path, text]) => {
      const lines = text.split("\n").length - 1;
      return [
        ...(lines > MAX_LINES ? [`${path}: ${lines} lines, at most ${MAX_LINES}`] : []),
        ...(!isCold(path) && path.startsWith("src/") && path !== NATIVE && /\bprocess\./.test(text)
          ? [`${path}: only bin, src/cli and src/agent may use process`]
          : []),
        ...(!isCold(path) && path !== NATIVE && /\bBun\./.test(text)
          ? [`${path}: only ${NATIVE} may use Bun, which plugin calls do not run on`]
          : []),
      ];
    }),
  ];
}

function lazyFaults(): string[] {
  const packages = Object.values(LAZY).flat();
  return imports.flatMap(({ from, to, isLazy }) => [
    ...(to in LAZY && !isLazy ? [`${from}: may import ${to} by await import() only`] : []),
    ...(packages.includes(to) && LAZY[from]?.includes(to) !== true ? [`${from}: may not import ${to}`] : []),
  ]);
}

function isCold(path: string): boolean {
  return COLD.some((directory) => path.startsWith(directory));
}

function cycles(): string[] {
  const next = Map.groupBy(
    imports.filter(({ isLazy }) => !isLazy),
    ({ from }) => from,
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path))
      found.push(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" -> ")}`);
    if (trail.includes(path) || done.has(path)) return;
    for (const { to } of next.get(path) ?? []) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const path of sources.keys()) visit(path, []);
  return found;
}

function report(faults: readonly string[]): void {
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exit(1);
}

/** Each directory with those that it imports from, one a line. */
function graph(): string {
  const lines = Object.keys(MAY_IMPORT).map((directory) => {
    const targets = imports
      .filter(({ from }) => directoryOf(from) === directory)
      .map(({ to }) => directoryOf(to));
    const others = [...new Set(targets)]
      .filter((target) => target !== undefined && target !== directory)
      .sort();
    return `${directory.padEnd(21)} -> ${others.length === 0 ? "nothing of ours" : others.join(", ")}`;
  });
  return lines.join("\n");
}

function readmeFaults(): string[] {
  const drawn = readFileSync("README.md", "utf8").includes(graph().replaceAll(/^/gm, "    "));
  return drawn
    ? []
    : ["README.md: its directory graph is not what scripts/bun scripts/imports.ts --graph prints"];
}
