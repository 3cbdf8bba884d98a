/** What other programs' rules do to the packets that pods send through the node. */

import { formatPrefix } from "../../../../addr/prefix.ts";
import { readTextFileIfAny } from "../../../../linux/file.ts";
import { type Firewall, type Obstacle, readFirewall } from "../../../../node/firewall.ts";
import { OUTPUT } from "../../../output.ts";
import { type Check, type Finding, fault, orOk, warning } from "../../finding.ts";
import { type OwnNetwork, placeOf, titleOf } from "../../own-network.ts";

const GROUP = "firewall";

export const FIREWALL_CHECKS: readonly Check[] = [
  {
    group: GROUP,
    name: "forward",
    run: ({ own, sysctl }) => judgeForward(readFirewallFor(own()), own(), sysctl),
  },
  {
    group: GROUP,
    name: "legacy",
    run: () =>
      judgeLegacy({
        iptables: listTables("/proc/net/ip_tables_names"),
        ip6tables: listTables("/proc/net/ip6_tables_names"),
      }),
  },
];

/** Of networks whose pods send through the node. */
export function readFirewallFor(own: readonly OwnNetwork[]): Firewall {
  return readFirewall(
    own.filter(({ isGateway }) => isGateway),
    OUTPUT,
  );
}

/** Also where bridged frames pass the chains of forwarded packets, pods of one bridge are kept from each other. */
export function judgeForward(
  { obstacles }: Pick<Firewall, "obstacles">,
  own: readonly OwnNetwork[],
  sysctl: (key: string) => string | undefined,
): Finding[] {
  const isBridgedToo = sysctl("net/bridge/bridge-nf-call-iptables") === "1";
  const byEntry = [
    ...Map.groupBy(
      obstacles,
      ({ entry, isByPolicy, isOwned }) => `${entry} ${isByPolicy} ${isOwned}`,
    ).values(),
  ];
  const troubles = byEntry.map((group) => {
    const [{ entry, isByPolicy, isOwned, program } = NOTHING] = group;
    const network = own.find(
      (candidate) => candidate.entry === entry && (isOwned === true || !candidate.forward),
    );
    const among = isBridgedToo ? ", nor each other (bridge-nf-call-iptables is 1)" : "";
    const title = network === undefined ? entry : titleOf(network);
    return fault(`${group.map(nameOf).join(" and ")} ${verbOf(group)} what pods of "${title}" send`, {
      meaning: `these pods reach nothing beyond the node${among}`,
      details: isOwned === true ? [OWNED] : [],
      command: isByPolicy && isOwned !== true ? forwardIn(network) : acceptIn(program, entry, network),
    });
  });
  return orOk(troubles, "no other program's chain drops what pods send through the node");
}

const OWNED =
  '"forward" cannot help: only the process that owns the table may change it (firewalld: NftablesTableOwner=no in firewalld.conf)';

const NOTHING: Obstacle = { entry: "", chain: "", program: "", isByPolicy: true };

function nameOf({ chain, program }: Obstacle): string {
  return program === "" || program === "firewalld" ? chain : `${chain} (${program})`;
}

function verbOf({ length }: readonly Obstacle[]): string {
  return length === 1 ? "drops" : "drop";
}

function forwardIn(network: OwnNetwork | undefined): string {
  return `set "forward": true in ${network === undefined ? "the configuration" : placeOf(network)}; it works from the next ADD on`;
}

/** Pods without a bridge have nothing in common but their addresses. */
function acceptIn(program: string, entry: string, network: OwnNetwork | undefined): string {
  const hasEntry = network === undefined || network.bridge !== undefined;
  const [option, names] = hasEntry
    ? ["interface", [entry]]
    : ["source", network.subnets.map((subnet) => formatPrefix(subnet))];
  const options = names.map((name) => `--add-${option}=${name}`).join(" ");
  return program === "firewalld"
    ? `firewall-cmd --permanent --zone=trusted ${options} && firewall-cmd --reload`
    : `accept what comes from and goes to ${names.join(" and ")} before the last rule of the chain`;
}

/** One name a line; none where the module is not loaded, or this process may not see them. */
function listTables(path: string): string[] {
  return (readTextFileIfAny(path) ?? "").split("\n").filter((name) => name !== "");
}

/** Tables of iptables' own kernel interface, which nf_tables does not show. */
export function judgeLegacy(
  tables: Readonly<Record<"iptables" | "ip6tables", readonly string[]>>,
): Finding[] {
  const filters = Object.entries(tables).flatMap(([name, list]) => (list.includes("filter") ? [name] : []));
  const troubles = filters.map((name) =>
    warning(`a table "filter" of ${name}-legacy is there, which cannot be looked into`, {
      meaning: 'if its chain FORWARD drops, pods reach nothing beyond the node, and "forward" does not help',
      command: `${name}-legacy -S FORWARD`,
    }),
  );
  return orOk(troubles, "no table of iptables-legacy filters beside nf_tables");
}
