/** The options that `podwire install` and `podwire agent` share. */

import type { Option } from "../command.ts";
import { CONF_DIR_OPTION, RUNTIME_OPTION } from "../options.ts";

/** What is to be in place. */
export const INSTALLATION_OPTIONS: readonly Option[] = [
  RUNTIME_OPTION,
  {
    flags: "--bin-dir",
    value: "<directory>",
    values: "directory",
    reads: "path",
    description: "directory of plugins; default: the runtime's",
  },
  CONF_DIR_OPTION,
  {
    flags: "--conf-name",
    value: "<name>",
    values: "anything",
    fallback: "10-podwire.conflist",
    description: "file name of the configuration list",
  },
  {
    flags: "--conf",
    value: "<file>",
    values: "file",
    reads: "path",
    description: "a configuration list of your own",
  },
  {
    flags: "--pod-cidr",
    value: "<network>",
    values: "anything",
    reads: "list",
    fallback: [],
    description: "addresses of pods; two with a comma for dual stack",
  },
  { flags: "--bridge", value: "<ifname>", values: "interfaces", description: "name of the bridge" },
  {
    flags: "--mtu",
    value: "<bytes>",
    values: "anything",
    description: "MTU of bridge and pods; 0: that of the default route's interface",
  },
  {
    flags: "--set",
    value: "<key=value>",
    values: "anything",
    reads: "repeated",
    fallback: [],
    description: "another field of podwire's entry; may be given several times",
  },
  {
    flags: "--link",
    value: "<name>",
    values: ["net-script"],
    reads: "list",
    fallback: [],
    description: "a second name of the plugin; may be given several times",
  },
];

/** How the agent works. */
export const AGENT_OPTIONS: readonly Option[] = [
  {
    flags: "--listen",
    value: "<address>",
    values: "anything",
    fallback: "127.0.0.1:9810",
    description: "where /healthz and /metrics are: a local port, or unix:PATH",
  },
  { flags: "--no-repair", description: "do not restore rules that other programs remove" },
  {
    flags: "--gc-interval",
    value: "<seconds>",
    values: "anything",
    fallback: "300",
    description: "how often leftovers of dead pods are removed; 0: never",
  },
  {
    flags: "--config",
    value: "<file>",
    values: "file",
    reads: "path",
    fallback: "/etc/podwire/agent.json",
    description: "the agent's configuration, followed while it runs; no cluster where there is no such file",
  },
  {
    flags: "--node-name",
    value: "<name>",
    values: "anything",
    description:
      "this node's name in the cluster; default: NODE_NAME in the environment, else the host's name",
  },
  {
    flags: "--api-server",
    value: "<url>",
    values: "anything",
    description:
      "the Kubernetes API's own address, for a node whose Services do not answer yet; default: the pod's environment, or the kubeconfig's",
  },
  {
    flags: "--kubeconfig",
    value: "<file>",
    values: "file",
    reads: "path",
    description: "credentials for the Kubernetes API, outside of a pod; default: the pod's service account",
  },
];
