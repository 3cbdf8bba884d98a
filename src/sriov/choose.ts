/** Which VF a pod gets: a free one of the physical function that has the least bandwidth set aside. */

import type { VfClaim } from "./claims.ts";
import { type FitnessRules, unfitnessOf } from "./fitness.ts";
import { BandwidthExhausted, NoFreeVf, NoSuchPf, type PfShortage } from "./no-free-vf.ts";
import { listPfs, listVfAddresses, type Pf, readPf, readVf, type Vf } from "./sysfs.ts";

/** VFs by number, both ends included. */
export interface VfRange {
  readonly first: number;
  readonly last: number;
}

export interface VfChoice extends FitnessRules {
  /** ifnames of the physical functions to choose from, at least one. */
  readonly pfs: readonly string[];
  /** Absent: all. */
  readonly vfs?: readonly VfRange[];
  /** Bandwidth to be set aside, in Mbit/s; 0 for none. */
  readonly minMbps: number;
  /** All of the node, read under the lock that the caller holds until it has claimed the VF. */
  readonly claims: ReadonlyMap<string, VfClaim>;
}

/** A physical function with what is held of it. */
interface Candidate {
  readonly pf: Pf;
  /** PCI addresses of its VFs, by number. */
  readonly addresses: readonly string[];
  readonly claimed: number;
  readonly reservedMbps: number;
}

/**
 * The VF to take: the first one that is free and fit, of the physical function with the least bandwidth
 * set aside, then the fewest VFs held, then in the order given. Nothing is changed.
 *
 * Physical functions that this node does not have are passed over as long as it has one of them.
 * @throws {NoSuchPf} it has none of them
 * @throws {BandwidthExhausted} each one's speed is less than what would be set aside of it
 * @throws {NoFreeVf} says of each physical function why
 */
export function chooseVf(choice: VfChoice): Vf {
  const candidates = readCandidates(choice);
  if (candidates.length === 0) {
    throw new NoSuchPf(
      choice.pfs,
      listPfs(choice.sysfs).map(({ ifname }) => ifname),
    );
  }
  const shortages: PfShortage[] = [];
  for (const candidate of candidates) {
    const found = chooseOf(candidate, choice, shortages);
    if (found !== undefined) return found;
  }
  if (!candidates.every((candidate) => isTooSlow(candidate, choice.minMbps))) throw new NoFreeVf(shortages);
  throw new BandwidthExhausted(
    choice.minMbps,
    candidates.map(({ pf: { ifname, speedMbps = 0 }, reservedMbps }) => ({
      ifname,
      speedMbps,
      reservedMbps,
    })),
  );
}

/** Those of the physical functions that there are, the best one first. */
function readCandidates({ sysfs, pfs, claims }: VfChoice): Candidate[] {
  const candidates: Candidate[] = [];
  for (const ifname of pfs) {
    const pf = readPf(sysfs, ifname);
    if (pf !== undefined) candidates.push(readCandidate(sysfs, pf, claims));
  }
  return candidates.sort((a, b) => a.reservedMbps - b.reservedMbps || a.claimed - b.claimed);
}

function readCandidate(sysfs: string, pf: Pf, claims: VfChoice["claims"]): Candidate {
  const addresses = listVfAddresses(sysfs, pf);
  let [claimed, reservedMbps] = [0, 0];
  for (const pciAddress of addresses) {
    const claim = claims.get(pciAddress);
    if (claim === undefined) continue;
    claimed++;
    reservedMbps += claim.minMbps;
  }
  return { pf, addresses, claimed, reservedMbps };
}

/** Where the speed is unknown there is no knowing. */
function isTooSlow({ pf, reservedMbps }: Candidate, minMbps: number): boolean {
  return minMbps > 0 && pf.speedMbps !== undefined && reservedMbps + minMbps > pf.speedMbps;
}

/** The first fit VF of a physical function; undefined, with the reason among `shortages`, where there is none. */
function chooseOf(candidate: Candidate, choice: VfChoice, shortages: PfShortage[]): Vf | undefined {
  const { pf, addresses } = candidate;
  const unfit = new Map<string, number>();
  const tooSlow = isTooSlow(candidate, choice.minMbps) ? "without bandwidth to set aside" : undefined;
  for (const [index, pciAddress] of addresses.entries()) {
    const reason = tooSlow ?? reasonAgainst(index, pciAddress, choice);
    const vf = reason === undefined ? readVf(choice.sysfs, pf, index) : undefined;
    if (vf !== undefined) return vf;
    const key = reason ?? "taken away";
    unfit.set(key, (unfit.get(key) ?? 0) + 1);
  }
  shortages.push({ ifname: pf.ifname, total: addresses.length, unfit });
  return undefined;
}

/** The cheap questions first: of many VFs most are held. */
function reasonAgainst(index: number, pciAddress: string, choice: VfChoice): string | undefined {
  if (!isInRange(index, choice.vfs)) return "outside of the network's range";
  return choice.claims.has(pciAddress) ? "held" : unfitnessOf(pciAddress, choice);
}

function isInRange(index: number, ranges: readonly VfRange[] | undefined): boolean {
  return ranges?.some(({ first, last }) => first <= index && index <= last) ?? true;
}
