/** Address ranges of a pool: what a configuration may say and what it means. */

import { ADDRESS_BITS, type Address, addressPlus, formatAddress, sameAddress } from "../addr/address.ts";
import { formatPrefix, lastAddressOf, networkOf, type Prefix, prefixContains } from "../addr/prefix.ts";
import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";

/** One range as configured; what is left out has host-local's defaults. */
export interface RangeSettings {
  readonly subnet: Prefix;
  readonly rangeStart?: Address | undefined;
  readonly rangeEnd?: Address | undefined;
  readonly gateway?: Address | undefined;
}

/** Addresses `start` to `end`, both included, of `subnet`. */
export interface Range {
  readonly subnet: Prefix;
  readonly start: Address;
  readonly end: Address;
  /** Never handed out; the gateway of every address of the range. Absent where there is none. */
  readonly gateway?: Address;
}

/** Ranges of one family that together give one address. */
export type RangeSet = readonly Range[];

/** A range that cannot be: the message says what and what would be right. */
export class InvalidRange extends PodwireError {
  override readonly name = "InvalidRange";
  constructor(message: string) {
    super(message, { code: CNI_ERROR.invalidNetconf, advice: "" });
  }
}

/**
 * Fills in host-local's defaults: gateway and start are network + 1, end is the last address, in IPv4 without the
 * broadcast address.
 * @throws {InvalidRange}
 */
export function toRange(settings: RangeSettings): Range {
  const { subnet } = settings;
  const { family } = subnet.address;
  const network = networkOf(subnet);
  if (!sameAddress(network.address, subnet.address)) {
    throw new InvalidRange(`subnet ${formatPrefix(subnet)} has host bits set, want ${formatPrefix(network)}`);
  }
  if (subnet.prefixLength > ADDRESS_BITS[family] - 2) {
    const smallest = `/${ADDRESS_BITS[family] - 2}`;
    throw new InvalidRange(
      `subnet ${formatPrefix(subnet)} is too small to allocate from, want ${smallest} or larger`,
    );
  }
  const first = neighbour(network.address, 1n);
  const last = lastAddressOf(subnet);
  const start = settings.rangeStart ?? first;
  const end = settings.rangeEnd ?? (family === 4 ? neighbour(last, -1n) : last);
  const gateway = settings.gateway ?? first;
  requireInside(subnet, "rangeStart", start);
  requireInside(subnet, "rangeEnd", end);
  if (gateway.family !== family)
    throw new InvalidRange(
      `gateway ${formatAddress(gateway)} is of another family than ${formatPrefix(subnet)}`,
    );
  if (end.value < start.value)
    throw new InvalidRange(`rangeEnd ${formatAddress(end)} is before rangeStart ${formatAddress(start)}`);
  return { subnet, start, end, gateway };
}

function neighbour(address: Address, distance: bigint): Address {
  return addressPlus(address, distance) ?? address; // inside its subnet, so never past the end
}

function requireInside(subnet: Prefix, field: string, address: Address): void {
  if (prefixContains(subnet, address)) return;
  throw new InvalidRange(`${field} ${formatAddress(address)} is not in subnet ${formatPrefix(subnet)}`);
}

/** @throws {InvalidRange} an empty set, mixed families in one, or ranges that overlap */
export function checkRangeSets(sets: readonly RangeSet[]): void {
  for (const [index, set] of sets.entries()) {
    const family = set[0]?.subnet.address.family;
    if (family === undefined) throw new InvalidRange(`range set ${index} is empty, want at least one range`);
    if (set.some((range) => range.subnet.address.family !== family)) {
      throw new InvalidRange(`range set ${index} mixes IPv4 and IPv6, want one set for each`);
    }
  }
  const ranges = sets.flatMap((set, index) => set.map((range) => ({ range, index })));
  for (const [position, a] of ranges.entries()) {
    const b = ranges.slice(position + 1).find((other) => overlap(a.range, other.range));
    if (b === undefined) continue;
    const where = a.index === b.index ? `range set ${a.index}` : `range sets ${a.index} and ${b.index}`;
    throw new InvalidRange(`${where}: ${describeRange(a.range)} and ${describeRange(b.range)} overlap`);
  }
}

function overlap(a: Range, b: Range): boolean {
  return a.start.family === b.start.family && a.start.value <= b.end.value && b.start.value <= a.end.value;
}

export function rangeContains(range: Range, address: Address): boolean {
  const { start, end } = range;
  return address.family === start.family && start.value <= address.value && address.value <= end.value;
}

/** False for what is only given out when asked for by name: network, broadcast and subnet-router addresses, gateway. */
export function isAllocatable(range: Range, address: Address): boolean {
  const { subnet, gateway } = range;
  const isBroadcast = address.family === 4 && sameAddress(address, lastAddressOf(subnet));
  const isOwnGateway = gateway !== undefined && sameAddress(address, gateway);
  return !isBroadcast && !sameAddress(address, subnet.address) && !isOwnGateway;
}

/** True for the gateway of any range of the pool: ranges may be parts of one subnet. */
export function isGateway(sets: readonly RangeSet[], address: Address): boolean {
  return sets.flat().some(({ gateway }) => gateway !== undefined && sameAddress(gateway, address));
}

export function describeRange(range: Range): string {
  return `${formatAddress(range.start)}-${formatAddress(range.end)}`;
}

export function describeRangeSet(set: RangeSet): string {
  return set.map(describeRange).join(",");
}
