/** kube-proxy on this node: whether it takes all pods for such. */

import { readdirSync, readFileSync } from "node:fs";
import { formatPrefix, type Prefix, parsePrefix, prefixCovers } from "../../../../addr/prefix.ts";
import { readStatus } from "../../../../cluster/status.ts";
import { isFields } from "../../../../kubernetes/object.ts";
import { type Check, type Finding, fault, listSome, ok } from "../../finding.ts";

export const KUBE_PROXY_CHECKS: readonly Check[] = [
  {
    group: "cluster",
    name: "kube-proxy",
    run: async () => {
      const status = readStatus();
      const proxy = status === undefined ? undefined : await findKubeProxy();
      if (status === undefined || proxy === undefined) return [];
      return judgeKubeProxy(
        proxy,
        status.nodes.flatMap(({ ranges }) => ranges.flatMap((range) => parsePrefix(range) ?? [])),
      );
    },
  },
];

/** What of its settings says which packets come from pods. */
export interface KubeProxy {
  /** Empty: none is set. */
  readonly clusterCidrs: readonly Prefix[];
  /** `ClusterCIDR`, `NodeCIDR`, `BridgeInterface` or `InterfaceNamePrefix`. */
  readonly detectLocalMode: string;
}

/** Undefined where there is none, or it is part of another program, as in k3s. */
async function findKubeProxy(): Promise<KubeProxy | undefined> {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      if (readFileSync(`/proc/${pid}/comm`, "utf8") !== "kube-proxy\n") continue;
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return toKubeProxy(words, await readConfig(words, `/proc/${pid}/root`));
    } catch {
      // safe: it ended meanwhile, or its files are not to be read; nothing is said of it then
    }
  return undefined;
}

async function readConfig(words: readonly string[], root: string): Promise<unknown> {
  const path = flagOf(words, "config");
  if (path === undefined) return {};
  const { parseYaml } = await import("../../../../kubernetes/yaml.ts");
  return parseYaml(readFileSync(`${root}${path}`, "utf8"));
}

/** `config`: the document of its `--config`, which wins over its flags. */
export function toKubeProxy(words: readonly string[], config: unknown): KubeProxy {
  const fields = isFields(config) ? config : {};
  const text = (field: string, flag: string) => {
    const value = fields[field];
    return typeof value === "string" && value !== "" ? value : (flagOf(words, flag) ?? "");
  };
  return {
    clusterCidrs: text("clusterCIDR", "cluster-cidr")
      .split(",")
      .flatMap((one) => parsePrefix(one) ?? []),
    detectLocalMode: text("detectLocalMode", "detect-local-mode") || "ClusterCIDR",
  };
}

/** `--name=value` or `--name value`. */
function flagOf(words: readonly string[], name: string): string | undefined {
  const joined = words.find((word) => word.startsWith(`--${name}=`));
  if (joined !== undefined) return joined.slice(name.length + 3);
  const index = words.indexOf(`--${name}`);
  return index === -1 ? undefined : words[index + 1];
}

export function judgeKubeProxy(
  { clusterCidrs, detectLocalMode }: KubeProxy,
  ranges: readonly Prefix[],
): Finding[] {
  const isOutside = (range: Prefix) =>
    clusterCidrs.some(({ address }) => address.family === range.address.family) &&
    !clusterCidrs.some((cidr) => prefixCovers(cidr, range));
  const outside = detectLocalMode === "ClusterCIDR" ? ranges.filter(isOutside) : [];
  if (outside.length === 0) return [ok("kube-proxy knows all ranges of pods")];
  const known = clusterCidrs.map(formatPrefix).join(",");
  return [
    fault(
      `kube-proxy takes pods of ${listSome(outside.map(formatPrefix))} for strangers: its clusterCIDR is ${known}`,
      {
        meaning: "what these pods send to Services comes from an address of the node",
        command: `set clusterCIDR of kube-proxy (kubectl -n kube-system edit configmap kube-proxy) to a network that all ranges lie in, and restart it`,
      },
    ),
  ];
}
