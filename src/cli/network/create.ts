/** `podwire network create`: a network in one file, held against the node and all that is there already. */

import { type Command, Option } from "commander";
import { SYSFS } from "../../linux/sysfs.ts";
import { rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { ConfigLock, createNetwork, setDefaultNetwork } from "../../network/files/write-files.ts";
import type { Network } from "../../network/model.ts";
import { findOverlap } from "../../network/overlap.ts";
import { tryOnFreeVf } from "../../node/try-vf.ts";
import { listPfs } from "../../sriov/sysfs.ts";
import { misused, refused } from "../failure.ts";
import { type OutputOptions, printOne } from "../print.ts";
import { allOptions, collect, type GlobalOptions, type Program } from "../program.ts";
import { withAttach } from "./default-attach.ts";
import { type CreateOptions, toNetwork } from "./document.ts";
import { requireFit, requireShareable } from "./fit.ts";
import { readSurroundings } from "./pod-networks.ts";
import { requireAllNetworks } from "./require.ts";
import { NETWORK_VIEW, withUsage } from "./view.ts";

const DESCRIPTION = `Makes a network that pods can ask for by name.

Pods get the addresses from --start to --end, both included. With --gateway the
network is public: pods reach the world through it. Without it is private.
For dual stack give --subnet, --start, --end and --gateway twice each, or two
values with a comma between them, one of each family.`;

const EXAMPLE =
  "podwire network create blue -s 192.168.30.0/24 --start 192.168.30.101 --end 192.168.30.200 -g 192.168.30.1 -v 2";

const EXAMPLES = `
Examples:
  ${EXAMPLE}
      each pod gets a virtual function of any card, in VLAN 2
  podwire network create web -s 10.10.120.0/24 --start 10.10.120.11 --end 10.10.120.100 \\
      -g 10.10.120.1 -v 120 --attach sriov --pf ens1f0,ens1f1 --vfs 0-7
      of these two cards, of each the first eight
  podwire network create data -s 10.1.0.0/24,fd00:1::/64 --start 10.1.0.10,fd00:1::10 \\
      --end 10.1.0.99,fd00:1::99 -v 7 --attach bridge --uplink eth1 --dry-run
      dual stack, on a bridge on eth1; only whether it could be made

Exit status: 0 done, 1 refused by what is there already, 2 wrong arguments.`;

type Options = CreateOptions &
  OutputOptions &
  GlobalOptions & { readonly setDefault?: true; readonly dryRun?: true };

export function addCreate({ command }: Program): void {
  const create = command
    .command("create [name]")
    .summary("make a network")
    .description(DESCRIPTION)
    .addHelpText("after", EXAMPLES)
    .action((name: string | undefined, _options, self) => {
      if (name === undefined) throw misused(`example usage - ${EXAMPLE}`);
      run(name, allOptions<CreateOptions & OutputOptions>(self));
    });
  addAddressOptions(create);
  addAttachOptions(create);
  create
    .option("--set-default", "make it the network of pods that ask for none")
    .option("--dry-run", "check and print, write nothing")
    .option("--json", "print JSON");
}

function addAddressOptions(create: Command): void {
  create
    .option("-s, --subnet <prefix>", "subnet, like 10.10.120.0/24", collect)
    .option("--start <address>", "first address for pods", collect)
    .option("--end <address>", "last address for pods", collect)
    .option("-g, --gateway <address>", "gateway, outside of the range", collect)
    .option("-v, --vlan <id>", "VLAN, 1 to 4094; without it frames are untagged")
    .option("-n, --network-group <name>", "group of networks, of which a pod may ask for any")
    .option("-z, --zone <name>", "zone of the network")
    .option("--type <type>", "what it is for, like storage")
    .option("--mtu <bytes>", "MTU of the pods; without it that of the interface");
}

function addAttachOptions(create: Command): void {
  const choice = (flags: string, description: string, choices: readonly string[]) =>
    new Option(flags, description).choices(choices);
  create
    .addOption(
      choice("--attach <kind>", "how pods are attached (default: sriov)", ["sriov", "bridge", "macvlan"]),
    )
    .option("--uplink <ifname>", "interface of the node, for bridge and macvlan")
    .option("--pf <ifnames>", "physical functions, for sriov (default: all that have VFs)", collect)
    .option("--vfs <indexes>", "virtual functions of each, like 0-7,12 (default: all)")
    .addOption(
      choice("--driver <name>", "of the virtual functions (default: netdev)", ["netdev", "vfio-pci"]),
    )
    .option("--bind", "with vfio-pci: bind a function to it that has another driver, and back")
    .option("--vlan-qos <priority>", "priority of the VLAN tag, 0 to 7, for sriov")
    .addOption(choice("--vlan-proto <protocol>", "of the VLAN tag (default: 802.1q)", ["802.1q", "802.1ad"]))
    .addOption(choice("--spoofchk <setting>", "for sriov (default: the card's own)", ["on", "off"]))
    .addOption(choice("--trust <setting>", "for sriov (default: the card's own)", ["on", "off"]))
    .addOption(
      choice("--link-state <state>", "for sriov (default: the card's own)", ["auto", "enable", "disable"]),
    );
}

function run(name: string, options: Options): void {
  const { configDir } = options;
  using socket = NetlinkSocket.open(rtnetlink);
  const pfs = listPfs(SYSFS);
  const network = toNetwork(name, withAttach(options, pfs));
  using _lock = options.dryRun === true ? undefined : ConfigLock.take(configDir);
  requireFree(configDir, network);
  requireFit(network, { socket, pfs });
  for (const { pf } of tryOnFreeVf(socket, network))
    console.error(`warning: ${pf} has no free VF to try the settings on: pods will tell`);
  if (options.dryRun !== true) {
    createNetwork(configDir, network);
    if (options.setDefault === true) setDefaultNetwork(configDir, name);
  }
  for (const listed of withUsage(configDir, [network])) printOne(options, NETWORK_VIEW, listed);
  if (options.dryRun === true) console.error("nothing was written: --dry-run");
}

/** @throws {Failure} the name or the addresses are taken */
function requireFree(configDir: string, network: Network): void {
  const { name } = network;
  const others = requireAllNetworks(configDir);
  if (others.some((other) => other.name === name)) {
    throw refused(
      `there is a network "${name}" already`,
      `podwire network get ${name} shows it; choose another name`,
    );
  }
  requireApart(configDir, network, others);
  requireShareable(network, others);
}

/** @throws {Failure} the addresses are taken */
export function requireApart(configDir: string, network: Network, others: readonly Network[]): void {
  const { occupied, warnings } = readSurroundings(configDir);
  for (const warning of warnings) console.error(`warning: ${warning}`);
  const overlap = findOverlap(network, others, occupied);
  if (overlap === undefined) return;
  throw refused(
    `network "${network.name}" ${overlap}`,
    "choose other addresses: podwire network list shows what is taken",
  );
}
