/** `podwire agent`, and `podwire install --watch`, which is another name for it. */

import { hostname } from "node:os";
import { dirname } from "node:path";
import { runAgent } from "../../agent/agent.ts";
import { hasCluster } from "../../agent/cluster-keeper.ts";
import { parseListen } from "../../agent/server.ts";
import { isNodeName, WANT_NODE_NAME } from "../../cluster/nodes/format.ts";
import type { Access } from "../../kubernetes/access.ts";
import { inClusterAccess } from "../../kubernetes/in-cluster.ts";
import type { GlobalOptions } from "../command.ts";
import { misused } from "../failure.ts";
import { install } from "../install/install.ts";
import { requireMeantAddresses } from "../install/same-addresses.ts";
import { type InstallOptions, toInstallation } from "../install/wanted.ts";
import { versionNumber } from "../version.ts";

export interface AgentCommandOptions extends InstallOptions {
  readonly listen: string;
  /** False by --no-repair. */
  readonly repair: boolean;
  readonly gcInterval: string;
  readonly config: string;
  readonly nodeName?: string;
  readonly apiServer?: string;
  readonly kubeconfig?: string;
}

/** It sees the file of --conf change too, whether by rename or by the link of a mounted ConfigMap. */
export async function runNodeAgent(options: AgentCommandOptions & GlobalOptions): Promise<void> {
  const listen = parseListen(options.listen);
  if (listen === undefined)
    throw misused(`--listen ${options.listen}: want an address and port like 127.0.0.1:9810, or unix:PATH`);
  const { conf, config, repair } = options;
  const gcInterval = toSeconds(options.gcInterval);
  const installation = toInstallation(options);
  // Once: later changes are put back. In a cluster pods have addresses of the ranges of their node.
  if (!hasCluster(config)) requireMeantAddresses(options, installation);
  const { binDir, confDir, configDir } = installation;
  await runAgent({
    listen,
    repair,
    gcInterval,
    configDir,
    confDir,
    path: [binDir],
    directories: [binDir, confDir, ...(conf === undefined ? [] : [dirname(conf)])],
    install: (pods) => install(confDir, toInstallation(options, pods).wanted),
    cluster: {
      file: config,
      name: nodeNameOf(options.nodeName),
      configDir,
      version: versionNumber(),
      access: () => openAccess(options),
    },
    end: ended(),
  });
}

const LONGEST_INTERVAL = 86_400;

function toSeconds(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= LONGEST_INTERVAL) return Number(text);
  throw misused(`--gc-interval ${text}: want a number of seconds up to ${LONGEST_INTERVAL}, 0 for never`);
}

/** As kubelet does: what is given, else the host's name in small letters. */
function nodeNameOf(given: string | undefined): string {
  const name = given ?? process.env.NODE_NAME ?? hostname().toLowerCase();
  if (isNodeName(name)) return name;
  throw misused(`--node-name ${name}: want ${WANT_NODE_NAME}`);
}

/** By the file that is given, else as a pod. */
async function openAccess({ kubeconfig, apiServer }: AgentCommandOptions): Promise<Access> {
  if (kubeconfig === undefined) return inClusterAccess({ apiServer, environment: process.env });
  const { kubeconfigAccess } = await import("../../kubernetes/kubeconfig.ts");
  return kubeconfigAccess(kubeconfig, { apiServer });
}

function ended(): Promise<string> {
  return new Promise((settle) => {
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => settle(signal));
  });
}
