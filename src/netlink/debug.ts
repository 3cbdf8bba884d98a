/** One line per netlink message for people: its name, its flags, its fields and attributes by UAPI name. */

import { formatAddress } from "../addr/address.ts";
import { macFromBytes } from "../addr/mac.ts";
import { DecodeError } from "./codec/error.ts";
import { decodeAcknowledgement, type Message, type MessageTable, NLMSG } from "./codec/message.ts";

/** Receives each line; the caller decides where it goes. */
export type Trace = (line: string) => void;

/** Like `> #3 RTM_NEWLINK 0x605 {"ifi_flags":1,"IFLA_IFNAME":"veth0"}`; `>` sent, `<` received. */
export function describeMessage(direction: ">" | "<", message: Message, messages: MessageTable): string {
  const flags = message.flags === 0 ? "" : ` 0x${message.flags.toString(16)}`;
  return `${direction} #${message.sequence} ${nameAndBody(message, messages, flags)}`;
}

function nameAndBody(message: Message, messages: MessageTable, flags: string): string {
  if (message.type === NLMSG.ERROR || message.type === NLMSG.DONE) {
    const name = message.type === NLMSG.ERROR ? "NLMSG_ERROR" : "NLMSG_DONE";
    return `${name}${flags} ${JSON.stringify(decodeAcknowledgement(message))}`;
  }
  const found = Object.entries(messages).find(([, [type]]) => type === message.type);
  if (found === undefined) return `message ${message.type}${flags} ${message.payload.toHex()}`;
  const [name, [, payload]] = found;
  try {
    return `${name}${flags} ${JSON.stringify(payload.read(message.payload, {}), printable)}`;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `${name}${flags} ${message.payload.toHex()} (${error.message})`;
  }
}

/** Turns values that JSON cannot hold into text: addresses, byte strings. */
function printable(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return macFromBytes(value);
  if (typeof value !== "object" || value === null || !("family" in value) || !("value" in value))
    return value;
  const { family, value: number } = value;
  const isAddress = (family === 4 || family === 6) && typeof number === "bigint";
  return isAddress ? formatAddress({ family, value: number }) : value;
}
