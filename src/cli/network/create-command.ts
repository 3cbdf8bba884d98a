/** `podwire network create`: a network in one file. */

import { ATTACH_KINDS } from "../../network/format/attach/kinds.ts";
import type { Command, Option } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import type { CreateCommandOptions } from "./create.ts";
import { CREATE_EXAMPLE } from "./create-example.ts";
import { NETWORK_GROUP_OPTION, SET_DEFAULT_OPTION, ZONE_OPTION } from "./options.ts";

const ADDRESS_OPTIONS: readonly Option[] = [
  {
    flags: "-s, --subnet",
    value: "<prefix>",
    values: "anything",
    reads: "list",
    description: "subnet, like 10.10.120.0/24",
  },
  {
    flags: "--start",
    value: "<address>",
    values: "anything",
    reads: "list",
    description: "first address for pods",
  },
  {
    flags: "--end",
    value: "<address>",
    values: "anything",
    reads: "list",
    description: "last address for pods",
  },
  {
    flags: "-g, --gateway",
    value: "<address>",
    values: "anything",
    reads: "list",
    description: "gateway, outside of the range",
  },
  {
    flags: "-v, --vlan",
    value: "<id>",
    values: "anything",
    description: "VLAN, 1 to 4094; without it frames are untagged",
  },
  NETWORK_GROUP_OPTION,
  ZONE_OPTION,
  {
    flags: "--type",
    value: "<type>",
    values: "network types",
    description: "what it is for, like storage",
  },
  {
    flags: "--mtu",
    value: "<bytes>",
    values: "anything",
    description: "MTU of the pods; without it that of the interface",
  },
];

const ATTACH_OPTIONS: readonly Option[] = [
  {
    flags: "--attach",
    value: "<kind>",
    values: { only: ATTACH_KINDS },
    description: "how pods are attached (default: sriov)",
  },
  {
    flags: "--uplink",
    value: "<ifname>",
    values: "interfaces",
    description: "interface of the node, for bridge and macvlan",
  },
  {
    flags: "--pf",
    value: "<ifnames>",
    values: "PFs",
    reads: "list",
    description: "physical functions, for sriov (default: all that have VFs)",
  },
  {
    flags: "--vfs",
    value: "<indexes>",
    values: "anything",
    description: "virtual functions of each, like 0-7,12 (default: all)",
  },
  {
    flags: "--driver",
    value: "<name>",
    values: { only: ["netdev", "vfio-pci"] },
    description: "driver of the virtual functions (default: netdev)",
  },
  {
    flags: "--bind",
    description: "with vfio-pci: bind functions to it that have another driver, and back",
  },
  {
    flags: "--vlan-qos",
    value: "<priority>",
    values: "anything",
    description: "priority of the VLAN tag, 0 to 7, for sriov",
  },
  {
    flags: "--vlan-proto",
    value: "<protocol>",
    values: { only: ["802.1q", "802.1ad"] },
    description: "protocol of the VLAN tag (default: 802.1q)",
  },
  {
    flags: "--spoofchk",
    value: "<setting>",
    values: { only: ["on", "off"] },
    description: "spoof check, for sriov (default: as it is set on the function)",
  },
  {
    flags: "--trust",
    value: "<setting>",
    values: { only: ["on", "off"] },
    description: "trust, for sriov (default: off)",
  },
  {
    flags: "--link-state",
    value: "<state>",
    values: { only: ["auto", "enable", "disable"] },
    description: "link state, for sriov (default: auto)",
  },
];

export const CREATE: Command<CreateCommandOptions, [name: string | undefined]> = {
  name: "create",
  summary: "create a network",
  description: paragraphs(`Creates a network that pods can ask for by name.

Pods get the addresses from --start to --end, both included. With --gateway the
network is public: pods reach the world through the gateway. Without one it is
private. For dual stack give --subnet, --start, --end and --gateway twice each, or
two values with a comma between them, one of each family.`),
  arguments: [{ term: "[name]", values: "anything" }],
  options: [
    ...ADDRESS_OPTIONS,
    ...ATTACH_OPTIONS,
    SET_DEFAULT_OPTION,
    { flags: "--dry-run", description: "check and print, write nothing" },
    JSON_OPTION,
  ],
  examples: [
    [CREATE_EXAMPLE, "each pod gets a virtual function of any card, in VLAN 2"],
    [
      `podwire network create web -s 10.10.120.0/24 --start 10.10.120.11 --end 10.10.120.100 \\
    -g 10.10.120.1 -v 120 --attach sriov --pf ens1f0,ens1f1 --vfs 0-7`,
      "of these two cards, of each the first eight",
    ],
    [
      `podwire network create data -s 10.1.0.0/24,fd00:1::/64 --start 10.1.0.10,fd00:1::10 \\
    --end 10.1.0.99,fd00:1::99 -v 7 --attach bridge --uplink eth1 --dry-run`,
      "dual stack, on a bridge on eth1; only whether it could be made",
    ],
  ],
  exitStatus: { 0: "done", 1: "refused by what is there already", 2: "wrong arguments" },
  run: async (call) => (await import("./create.ts")).createNamedNetwork(call),
};
