/** The removal of leftovers, past failures: attachments one by one, then what no attachment uses any more. */

import type { RouteSocket } from "../../netlink/route/protocol.ts";
import { listNetworks } from "../../network/files/read-files.ts";
import { describeAttachment } from "../attachment.ts";
import { type RemovalSockets, removeAttachment } from "../del.ts";
import type { RemovalFacts } from "../removal.ts";
import type { StepFailure } from "../steps/step.ts";
import type { Leftover } from "./find.ts";
import { sweepGateways } from "./sweep-gateways.ts";
import { sweepRuleset } from "./sweep-ruleset.ts";
import { sweepUplinks } from "./sweep-uplinks.ts";

/** What became of one thing. */
export interface Removed {
  readonly what: string;
  readonly reason: string;
  /** Why it is still there; absent where it is gone. */
  readonly failure?: StepFailure;
}

/**
 * Removes one; nothing where it is not to go any more.
 * @param facts of its attachment, with the judgement to be repeated once its record is locked
 */
export function removeLeftover(
  { attachment, reason }: Leftover,
  facts: RemovalFacts,
  sockets: RemovalSockets,
): Removed[] {
  const what = describeAttachment(attachment);
  return attempt({ what, reason }, () => removeAttachment(attachment, facts, sockets));
}

/** Runs an action; nothing where it says that there was nothing to do. */
export function attempt(removed: Removed, action: () => boolean): Removed[] {
  try {
    return action() ? [removed] : [];
  } catch (cause) {
    return [{ ...removed, failure: { step: removed.what, cause } }];
  }
}

const UNUSED = "no network and no pod uses it";

interface Sweep {
  readonly step: string;
  /** For people, where it cannot be done. */
  readonly what: string;
  /** @returns the names of what was removed */
  run(sockets: RemovalSockets, configDir: string): readonly string[];
}

/** What pods share on the node. */
const SWEEPS: readonly Sweep[] = [
  {
    step: "ruleset",
    what: "rules that pods shared",
    run({ host, netfilter }) {
      sweepRuleset(host, netfilter);
      return []; // chains and sets have no names for people
    },
  },
  { step: "gateways", what: "gateways of VLANs", run: ({ host }) => sweepGateways(host) },
  {
    step: "uplinks",
    what: "interfaces that networks shared",
    run: ({ host }, configDir) => sweepUnused(host, configDir),
  },
];

/** Rules, gateways of VLANs and interfaces of networks by name that nothing uses. */
export function sweepShared(sockets: RemovalSockets, configDir: string): Removed[] {
  return SWEEPS.flatMap(({ step, what, run }): Removed[] => {
    try {
      return run(sockets, configDir).map((name) => ({ what: name, reason: UNUSED }));
    } catch (cause) {
      return [{ what, reason: UNUSED, failure: { step, cause } }];
    }
  });
}

/** Nothing where a network's file is wrong: it may be about any uplink. */
function sweepUnused(host: RouteSocket, configDir: string): string[] {
  const { networks, faults } = listNetworks(configDir);
  return faults.length > 0 ? [] : sweepUplinks(host, networks);
}
