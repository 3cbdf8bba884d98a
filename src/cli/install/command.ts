/** `podwire install`: executable, links and configuration, where the container runtime looks for them. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { CONF_DIR_OPTION, JSON_OPTION, RUNTIME_OPTION } from "../options.ts";
import type { InstallCommandOptions } from "./run-install.ts";

export const INSTALL: Command<InstallCommandOptions> = {
  name: "install",
  summary: "install podwire on this node",
  description: paragraphs(`Installs podwire on this node.

Copies the executable into the directory of plugins; makes the links beside it that
--link asks for, or one named loopback if the runtime needs a plugin of that name and
has none; and last writes the configuration list, which makes the runtime call
podwire. Each file is replaced as a whole, by rename: pods may start meanwhile. An
invalid configuration is refused. Files that were there before are kept in
<conf-dir>/podwire.d/former, and podwire uninstall restores them.

Without options the built-in configuration is installed: bridge cni0, pods in
10.244.0.0/16 and fd00:10:244::/64. If a list is there already, the addresses of
pods change only if an option gives new ones.`),
  options: [
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
    {
      flags: "--watch",
      description:
        "keep it all in place until SIGTERM, restore rules, remove leftovers, serve /healthz and /metrics",
    },
    {
      flags: "--listen",
      value: "<address>",
      values: "anything",
      fallback: "127.0.0.1:9810",
      description: "with --watch: a local port, or unix:PATH",
    },
    { flags: "--no-repair", description: "with --watch: do not restore rules that other programs remove" },
    {
      flags: "--gc-interval",
      value: "<seconds>",
      values: "anything",
      fallback: "300",
      description: "with --watch: how often leftovers of dead pods are removed; 0: never",
    },
    { flags: "--dry-run", description: "print what would be changed, and change nothing" },
    JSON_OPTION,
  ],
  examples: [
    [
      "podwire install --pod-cidr 10.244.1.0/24,fd00:10:244:1::/64",
      "as kubernetes gave them to this node: kubectl get node NAME -o jsonpath={.spec.podCIDRs}",
    ],
    ["podwire install --dry-run --bridge pods0 --mtu 1450", "what would be changed"],
    [
      "podwire install --set ipMasq=false --set ipam.dataDir=/var/lib/pods",
      "any field of the configuration, by dotted path; a JSON value, or text",
    ],
    [
      "podwire install --conf /etc/podwire.conflist --link net-script",
      "a configuration of your own, and a second name of the plugin",
    ],
    [
      "podwire install --watch --listen unix:/run/podwire.sock",
      "also puts back what is changed or removed later; log lines go to standard error",
    ],
    ["podwire install --runtime k3s", "directories of k3s, and what has to stand in its own configuration"],
  ],
  exitStatus: { 0: "all is in place", 1: "refused or failed", 2: "wrong arguments" },
  run: async (call) => (await import("./run-install.ts")).runInstall(call),
};
