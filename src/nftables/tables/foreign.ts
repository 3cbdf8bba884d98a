/** Tables of our name that another program has made: the first thing in one that is not as ours has it. */

import { CNI_ERROR } from "../../error/code.ts";
import { PodwireError } from "../../error/podwire-error.ts";
import type { ValueOf } from "../../netlink/codec/type.ts";
import {
  type chainMessage,
  DATA_VERDICT,
  SET_FLAG,
  type setMessage,
  TABLE_FLAG,
} from "../../netlink/netfilter/nf-tables.ts";
import type { NetfilterSocket } from "../../netlink/netfilter/protocol.ts";
import type { TableDefinition } from "./definition.ts";
import { describeTypeNumber } from "./key.ts";
import { getTable } from "./query.ts";
import { TABLE_NAME, tableRequests } from "./requests.ts";

const { alreadyExists } = CNI_ERROR;

export class ForeignTable extends PodwireError {
  override readonly name = "ForeignTable";

  /** `way`: how to go on. */
  constructor(table: TableDefinition, difference: string, way = `remove it by nft delete ${nameOf(table)}`) {
    const advice = `${way}, restore the rules of running pods by podwire repair, then repeat`;
    super(`${nameOf(table)} is not podwire's: ${difference}`, { code: alreadyExists, advice });
  }
}

function nameOf({ kind }: TableDefinition): string {
  return `table ${kind} ${TABLE_NAME}`;
}

/** Undefined where there is no such table, or ours goes into it: sets and chains of other names do no harm. */
export function findForeign(socket: NetfilterSocket, table: TableDefinition): ForeignTable | undefined {
  const present = getTable(socket, table);
  if (present === undefined) return undefined;
  const { NFTA_TABLE_FLAGS: flags = 0, NFTA_TABLE_OWNER: port = 0 } = present;
  if ((flags & TABLE_FLAG.OWNER) !== 0) return ownedBy(table, port);
  const difference = findDifference(wantedParts(table), presentParts(socket, table));
  return difference === undefined ? undefined : new ForeignTable(table, difference);
}

/** `port`: of the owner's socket, most often its process ID; while it lives, nobody else may change or delete the table. */
function ownedBy(table: TableDefinition, port: number): ForeignTable {
  return port === 0
    ? new ForeignTable(table, "it was left by a process that owned it")
    : new ForeignTable(table, `the process with netlink port ${port} owns it`, "end that process");
}

/** Those of the tables that are foreign. */
export function listForeignTables(
  socket: NetfilterSocket,
  tables: readonly TableDefinition[],
): ForeignTable[] {
  return tables.flatMap((table) => findForeign(socket, table) ?? []);
}

/** A set or a chain: its name, and in words of nft(8) what cannot be changed later. */
interface Part {
  readonly name: string;
  readonly words: string;
}

function findDifference(wanted: readonly Part[], present: readonly Part[]): string | undefined {
  const words = new Map(present.map((part) => [part.name, part.words]));
  const other = wanted.find((part) => (words.get(part.name) ?? part.words) !== part.words);
  return other && `${other.name} is "${words.get(other.name)}", want "${other.words}"`;
}

function wantedParts(table: TableDefinition): Part[] {
  return tableRequests(table).flatMap((request) => {
    if (request.message === "NFT_MSG_NEWSET") return toSet(request.body);
    return request.message === "NFT_MSG_NEWCHAIN" ? toChain(request.body) : [];
  });
}

function presentParts(socket: NetfilterSocket, { family: nfgen_family }: TableDefinition): Part[] {
  const ofTable = { nfgen_family, NFTA_SET_TABLE: TABLE_NAME };
  const sets = socket.dump({ message: "NFT_MSG_GETSET", body: ofTable }, "NFT_MSG_NEWSET");
  const chains = socket.dump({ message: "NFT_MSG_GETCHAIN", body: { nfgen_family } }, "NFT_MSG_NEWCHAIN");
  const isOfTable = ({ NFTA_CHAIN_TABLE: name }: ChainMessage) => name === TABLE_NAME;
  return [...sets.map(toSet), ...chains.filter(isOfTable).map(toChain)];
}

type SetMessage = ValueOf<typeof setMessage>;
type ChainMessage = ValueOf<typeof chainMessage>;

/** Like `type ifname . ipv4_addr : verdict`. */
function toSet(set: SetMessage): Part {
  const { NFTA_SET_KEY_TYPE: key = 0, NFTA_SET_DATA_TYPE: value = 0, NFTA_SET_FLAGS: flags = 0 } = set;
  const isMap = (flags & SET_FLAG.MAP) !== 0;
  const others = flags & ~SET_FLAG.MAP;
  const words = [
    `type ${describeTypeNumber(key)}`,
    ...(isMap ? [`: ${value === DATA_VERDICT ? "verdict" : describeTypeNumber(value)}`] : []),
    ...(others === 0 ? [] : [`flags 0x${others.toString(16)}`]),
  ];
  return { name: `set ${set.NFTA_SET_NAME}`, words: words.join(" ") };
}

/** By number: NF_INET_*, and NF_BR_* of the same numbers. */
const HOOKS = ["prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"];

/** Like `type filter hook forward priority 0`. */
function toChain({ NFTA_CHAIN_NAME, NFTA_CHAIN_TYPE, NFTA_CHAIN_HOOK }: ChainMessage): Part {
  const { NFTA_HOOK_HOOKNUM: hook = 0, NFTA_HOOK_PRIORITY: priority } = NFTA_CHAIN_HOOK ?? {};
  const words =
    NFTA_CHAIN_HOOK === undefined
      ? "without a hook"
      : `type ${NFTA_CHAIN_TYPE} hook ${HOOKS[hook] ?? hook} priority ${priority}`;
  return { name: `chain ${NFTA_CHAIN_NAME}`, words };
}
