/** Why no VF could be chosen. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";

/** What stands against the VFs of one physical function. */
export interface PfShortage {
  readonly ifname: string;
  /** How many VFs it has. */
  readonly total: number;
  /** Reason → number of VFs. */
  readonly unfit: ReadonlyMap<string, number>;
}

const HELD = {
  code: CNI_ERROR.tryAgainLater,
  advice: "delete a pod that holds one; podwire vf list shows who does",
};

/** Time may help: a pod that ends frees one. */
export class NoFreeVf extends PodwireError {
  override readonly name = "NoFreeVf";
  readonly pfs: readonly PfShortage[];

  constructor(pfs: readonly PfShortage[]) {
    super(`no free VF: ${pfs.map(describeShortage).join("; ")}`, HELD);
    this.pfs = pfs;
  }
}

/** "ens1f0 has 8 VFs: 5 held, 3 in use on the host". */
function describeShortage({ ifname, total, unfit }: PfShortage): string {
  if (total === 0) return `${ifname} has no VFs now (podwire vf set-count ${ifname} N makes some)`;
  const reasons = [...unfit].map(([reason, count]) => `${count} ${reason}`);
  return `${ifname} has ${total} VF${total === 1 ? "" : "s"}: ${reasons.join(", ")}`;
}

export interface PfBandwidth {
  readonly ifname: string;
  readonly speedMbps: number;
  readonly reservedMbps: number;
}

/** Each physical function has more bandwidth set aside already than would leave room; time may help. */
export class BandwidthExhausted extends PodwireError {
  override readonly name = "BandwidthExhausted";
  readonly minMbps: number;
  readonly pfs: readonly PfBandwidth[];

  constructor(minMbps: number, pfs: readonly PfBandwidth[]) {
    const shares = pfs.map(
      ({ ifname, speedMbps, reservedMbps }) =>
        `${ifname} has ${reservedMbps} of ${speedMbps} Mbit/s set aside`,
    );
    super(`no bandwidth left to guarantee ${minMbps} Mbit/s: ${shares.join(", ")}`, HELD);
    this.minMbps = minMbps;
    this.pfs = pfs;
  }
}

export class NoSuchPf extends PodwireError {
  override readonly name = "NoSuchPf";
  /** Those that were asked for. */
  readonly pfs: readonly string[];
  /** Those that there are. */
  readonly existing: readonly string[];

  constructor(pfs: readonly string[], existing: readonly string[]) {
    const those = existing.length === 0 ? "has none" : `has ${existing.join(", ")}`;
    super(`no physical function ${pfs.join(" or ")}: this node ${those}`, {
      code: CNI_ERROR.invalidNetconf,
      advice: "correct attach.pfs in the network's file; podwire vf list shows what there is",
    });
    this.pfs = pfs;
    this.existing = existing;
  }
}
