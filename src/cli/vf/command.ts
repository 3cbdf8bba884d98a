/** `podwire vf`: the SR-IOV cards of this node and their virtual functions. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import type { OutputOptions } from "../print.ts";
import type { ReleaseOptions } from "./release.ts";

const LIST: Command<OutputOptions> = {
  name: "list",
  summary: "list physical and virtual functions and their holders",
  description: paragraphs(`Lists the physical functions of this node and their virtual functions.

VLAN, MAC, rates, spoof check, trust and link are settings of the physical
function: the pod cannot change them. RESERVED is the bandwidth that performance
tiers guarantee to the holders. A VF has no INTERFACE here if it has no driver, or
if its interface is in another network namespace.`),
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
  summary: "set the number of virtual functions",
  description: paragraphs(`Sets how many virtual functions a physical function has.

Refused while one of its VFs is in use: to change the number, the kernel removes all
VFs and makes new ones, and their settings are lost. The number does not survive a
reboot: set it in a udev rule or a systemd unit.`),
  arguments: [
    { term: "<pf>", values: "PFs" },
    { term: "<number>", values: "anything" },
  ],
  examples: [["podwire vf set-count ens1f0 8"], ["podwire vf set-count ens1f0 0", "removes all"]],
  exitStatus: { 0: "done", 1: "refused", 2: "wrong arguments" },
  run: async (call) => (await import("./set-count.ts")).setVfCount(call),
};

const RELEASE: Command<ReleaseOptions, [pciAddress: string]> = {
  name: "release",
  summary: "free the virtual function of a dead pod",
  description: paragraphs(`Frees a virtual function and restores its settings.

For a function whose pod is gone without a DEL. The rest of the attachment is removed
too: addresses, record. Refused while the pod's network namespace exists.`),
  arguments: [{ term: "<pciAddress>", values: "held VFs" }],
  options: [{ flags: "-f, --force", description: "even if the pod is alive" }],
  examples: [
    ["podwire vf release 0000:3b:02.1"],
    ["podwire vf release 3b:02.1 --force", "takes it from a live pod"],
  ],
  exitStatus: { 0: "nobody holds it now", 1: "refused or failed", 2: "wrong arguments" },
  run: async (call) => (await import("./release.ts")).releaseFunction(call),
};

export const VF: Command = {
  name: "vf",
  summary: "show and manage virtual functions of SR-IOV cards",
  description: paragraphs(`Physical and virtual functions of this node's network cards (SR-IOV).

A pod on a network with --attach sriov gets a virtual function (VF) of one of the
network's physical functions (PF) for itself.`),
  examples: [["podwire vf list"], ["podwire vf set-count ens1f0 8"], ["podwire vf release 0000:3b:02.1"]],
  subcommands: [LIST, SET_COUNT, RELEASE],
};
