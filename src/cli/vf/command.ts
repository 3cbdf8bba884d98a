/** `podwire vf`: the SR-IOV cards of this node and their virtual functions. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import type { OutputOptions } from "../print.ts";
import type { ReleaseOptions } from "./release.ts";

const LIST: Command<OutputOptions> = {
  name: "list",
  summary: "list physical and virtual functions, and who holds them",
  description: paragraphs(`Lists the physical functions of this node and their virtual functions.

VLAN, MAC, rates, spoof check, trust and link are as the physical function has
them: the pod cannot change them. RESERVED is the bandwidth that performance
tiers guarantee to the holders. A VF without a driver, or whose interface is in a
network namespace, has no INTERFACE here.`),
  options: [JSON_OPTION],
  examples: [
    ["podwire vf list"],
    [
      "podwire vf list --json | jq -r '.[].vfs[] | select(.claim == null).pciAddress'",
      "the VFs that nobody holds",
    ],
  ],
  exitStatus: { 0: "done", 1: "failed", 2: "wrong arguments" },
  run: async (call) => (await import("./list.ts")).listAllFunctions(call),
};

const SET_COUNT: Command<object, [pf: string, number: string]> = {
  name: "set-count",
  summary: "give a physical function so many virtual ones",
  description: paragraphs(`Makes virtual functions, or takes them away.

Refused while one of the physical function's VFs is in use: the kernel takes all
of them away before it makes another number. Their settings are gone then. The
number does not outlast a reboot; keep it in a rule of udev or a systemd unit.`),
  arguments: [
    { term: "<pf>", values: "PFs" },
    { term: "<number>", values: "anything" },
  ],
  examples: [["podwire vf set-count ens1f0 8"], ["podwire vf set-count ens1f0 0", "takes all away"]],
  exitStatus: { 0: "done", 1: "refused", 2: "wrong arguments" },
  run: async (call) => (await import("./set-count.ts")).setVfCount(call),
};

const RELEASE: Command<ReleaseOptions, [pciAddress: string]> = {
  name: "release",
  summary: "free a virtual function whose pod is gone",
  description: paragraphs(`Frees a virtual function and puts it back as it was.

For one whose pod is gone without a DEL. All else of the pod's interface goes
too: its addresses, its record. Refused while the pod's network namespace is there.`),
  arguments: [{ term: "<pciAddress>", values: "held VFs" }],
  options: [{ flags: "-f, --force", description: "also where the pod lives" }],
  examples: [
    ["podwire vf release 0000:3b:02.1"],
    ["podwire vf release 3b:02.1 --force", "takes it from a pod that lives"],
  ],
  exitStatus: { 0: "nobody holds it now", 1: "refused or failed", 2: "wrong arguments" },
  run: async (call) => (await import("./release.ts")).releaseFunction(call),
};

export const VF: Command = {
  name: "vf",
  summary: "virtual functions of SR-IOV cards",
  description: paragraphs(`Physical and virtual functions of this node's network cards (SR-IOV).

A pod on a network that was made with --attach sriov gets a virtual function
(VF) of one of the network's physical functions (PF), and has it alone.`),
  examples: [["podwire vf list"], ["podwire vf set-count ens1f0 8"], ["podwire vf release 0000:3b:02.1"]],
  subcommands: [LIST, SET_COUNT, RELEASE],
};
