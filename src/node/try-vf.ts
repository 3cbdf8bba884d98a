/** Whether a card takes what a network wants of its virtual functions: tried on a free one, then put back. */

import { pickVf } from "../attachment/kinds/sriov/vf-choice.ts";
import { askedSettings } from "../attachment/kinds/sriov/wanted-settings.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import type { Network } from "../network/model.ts";
import { applyVfSettings } from "../sriov/apply-vf-settings.ts";
import { CLAIMS_ROOT, lockClaims } from "../sriov/claims.ts";
import { NoFreeVf } from "../sriov/no-free-vf.ts";
import { readVfSettings } from "../sriov/read-vf-settings.ts";
import { changedBy, lackingOf } from "../sriov/vf-settings.ts";

/** A physical function that had no free VF to try on. */
export interface Untried {
  readonly pf: string;
}

/**
 * Tries on each physical function of the network; no pod can get a function meanwhile.
 * @returns those where none was free, so that nothing is known of them
 * @throws {VfSettingRefused} the card refuses a setting, everything is as it was; {@link NoSuchPf}
 */
export function tryOnFreeVf(host: RouteSocket, network: Network): Untried[] {
  const { attach } = network;
  if (!("pfs" in attach)) return [];
  using lock = lockClaims(CLAIMS_ROOT);
  const wanted = askedSettings({ attach }, network, undefined);
  return attach.pfs.flatMap((pf) => {
    try {
      const vf = pickVf({ attach: { ...attach, pfs: [pf] } }, 0, { host, lock });
      const original = readVfSettings(host, vf) ?? {};
      try {
        applyVfSettings(host, vf, lackingOf(original, wanted));
      } finally {
        applyVfSettings(host, vf, changedBy({ ...wanted, ...readVfSettings(host, vf) }, original));
      }
      return [];
    } catch (error) {
      if (error instanceof NoFreeVf) return [{ pf }];
      throw error;
    }
  });
}
