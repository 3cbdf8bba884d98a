/** The program and all its commands; a new command is one row here. */

import { ADDRESSES } from "./addresses/command.ts";
import { AGENT } from "./agent/command.ts";
import { ATTACHMENT, ATTACHMENTS } from "./attachment/command.ts";
import { CLUSTER } from "./cluster/command.ts";
import type { Command } from "./command.ts";
import { COMPLETE, COMPLETION } from "./completion/command.ts";
import { DOCTOR } from "./doctor/command.ts";
import { ENDPOINT } from "./endpoint/command.ts";
import { GC } from "./gc/command.ts";
import { paragraphs } from "./help/paragraphs.ts";
import { INSTALL } from "./install/command.ts";
import { UNINSTALL } from "./install/uninstall-command.ts";
import { MAN } from "./man/command.ts";
import { NETWORK } from "./network/command.ts";
import { NODE } from "./node/command.ts";
import { CONFIG_DIR_OPTION, VERSION_OPTION } from "./options.ts";
import { PERF_TIER } from "./perf-tier/command.ts";
import { RELEASE } from "./release/command.ts";
import { REPAIR } from "./repair/command.ts";
import { TRACE } from "./trace/command.ts";
import { VF } from "./vf/command.ts";

export const PODWIRE: Command = {
  name: "podwire",
  summary: "give containers their network",
  description: paragraphs(`Gives containers their network: a CNI plugin in one executable.

A container runtime runs podwire with CNI_COMMAND set and a configuration on
standard input. "podwire install" installs it with a configuration list; the node
needs nothing else.`),
  options: [VERSION_OPTION, CONFIG_DIR_OPTION],
  subcommands: [
    ATTACHMENTS,
    ATTACHMENT,
    TRACE,
    ADDRESSES,
    RELEASE,
    GC,
    REPAIR,
    DOCTOR,
    NETWORK,
    PERF_TIER,
    ENDPOINT,
    VF,
    CLUSTER,
    NODE,
    INSTALL,
    AGENT,
    UNINSTALL,
    COMPLETION,
    COMPLETE,
    MAN,
  ],
  examples: [
    ["podwire network list", "the networks that pods can ask for by name"],
    ["podwire --version", "version, commit and supported CNI versions"],
    ["CNI_COMMAND=VERSION podwire < /dev/null", "the same as a runtime asks for it"],
    [
      "CNI_PATH=/opt/cni/bin NETCONFPATH=/etc/cni/net.d cnitool add mynet /run/netns/pod",
      "attach a network namespace by hand",
    ],
    [
      "PODWIRE_NETLINK_DEBUG=1",
      "in the environment of a plugin call: print every netlink message to standard error",
    ],
  ],
  exitStatus: { 0: "done", 1: "failed", 2: "called with wrong arguments" },
};
