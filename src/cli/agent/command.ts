/** `podwire agent`: the long-running program of a node. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { AGENT_OPTIONS, INSTALLATION_OPTIONS } from "../install/options.ts";
import type { AgentCommandOptions } from "./run-agent.ts";

export const AGENT: Command<AgentCommandOptions> = {
  name: "agent",
  summary: "keep this node's installation, rules and cluster in order",
  description: paragraphs(`Keeps this node in order until SIGTERM; what it has made stays in place then.

Puts the installation in place as podwire install does, and back where it is changed
or removed; restores rules of pods that other programs remove; removes what dead pods
left; answers /healthz and /metrics. Pods are started and stopped without it.

With "cluster" in its configuration it joins this node to a cluster: it makes the
routes and tunnels to pods of other nodes, keeps them whatever happens to interfaces
and routes, and writes the configuration list with this node's ranges and MTU once
all stands. Nodes and their ranges come from the Kubernetes API ("nodes":
"kubernetes"), by the pod's service account or a kubeconfig, or from the files that
podwire node writes ("nodes": "files"). Without "cluster" nothing of that is done.`),
  options: [...INSTALLATION_OPTIONS, ...AGENT_OPTIONS],
  examples: [
    ["podwire agent --config /etc/podwire/agent.json", "log lines go to standard error"],
    [
      `echo '{"cluster": {"nodes": "files"}}' > /etc/podwire/agent.json`,
      "nodes from files; all else by default",
    ],
    [
      "podwire agent --kubeconfig /etc/podwire/kubeconfig --api-server https://192.168.1.10:6443",
      "beside Kubernetes, not in a pod of it",
    ],
    ["podwire agent --listen unix:/run/podwire.sock --gc-interval 60"],
    ["podwire cluster", "the nodes, and how their pods are reached"],
  ],
  exitStatus: { 0: "ended by a signal", 1: "refused or failed", 2: "wrong arguments" },
  run: async ({ options }) => (await import("./run-agent.ts")).runNodeAgent(options),
};
