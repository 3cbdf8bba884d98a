/** `podwire install`: executable, links and configuration, where the container runtime looks for them. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import { AGENT_OPTIONS, INSTALLATION_OPTIONS } from "./options.ts";
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
    ...INSTALLATION_OPTIONS,
    {
      flags: "--watch",
      description: "keep it all in place until SIGTERM, and do all else that podwire agent does",
    },
    ...AGENT_OPTIONS.map((option) => ({ ...option, description: `with --watch: ${option.description}` })),
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
