/** What a physical function holds of a VF, out of reach of whoever has the VF. */

export interface VfSettings {
  /** Given by the administrator; all zero: the VF has its own. */
  readonly mac: string;
  /** 0: untagged. */
  readonly vlan: number;
  /** Priority of the tag, 0 to 7. */
  readonly qos: number;
  readonly proto: "802.1q" | "802.1ad";
  /** Of what the VF sends; 0: no guarantee. */
  readonly minTxRateMbps: number;
  /** Of what the VF sends; 0: no limit. */
  readonly maxTxRateMbps: number;
  /** Whether frames with a foreign MAC or VLAN are dropped; absent where the driver does not say. */
  readonly spoofchk?: boolean;
  /** Whether the VF may do what others are refused, promiscuous mode for one; absent where the driver does not say. */
  readonly trust?: boolean;
  /** auto: the VF's link is up while the physical function's is. */
  readonly linkState: "auto" | "enable" | "disable";
}

/** Settings that one netlink attribute holds together, in the order in which they are applied. */
export const SETTING_GROUPS = [
  ["vlan", "qos", "proto"],
  ["mac"],
  ["minTxRateMbps", "maxTxRateMbps"],
  ["spoofchk"],
  ["trust"],
  ["linkState"],
] as const satisfies readonly (readonly (keyof VfSettings)[])[];

/** Defaults of a VF. */
export const RESET: VfSettings = {
  mac: "00:00:00:00:00:00",
  vlan: 0,
  qos: 0,
  proto: "802.1q",
  minTxRateMbps: 0,
  maxTxRateMbps: 0,
  spoofchk: true,
  trust: false,
  linkState: "auto",
};

/**
 * What to apply to a VF whose settings became `wanted` to have `original` again: those of `original` that differ.
 *
 * Settings of one group go together, where what is not given is as in {@link RESET}. A group that either side says
 * nothing of is left out.
 */
export function changedBy(wanted: Partial<VfSettings>, original: Partial<VfSettings>): Partial<VfSettings> {
  const changed: Partial<Record<keyof VfSettings, unknown>> = {};
  for (const group of SETTING_GROUPS) {
    if (!hasAny(wanted, group) || !hasAny(original, group)) continue;
    if (group.every((key) => (wanted[key] ?? RESET[key]) === (original[key] ?? RESET[key]))) continue;
    for (const key of group) changed[key] = original[key] ?? RESET[key];
  }
  return changed as Partial<VfSettings>; // `as`: each key has its own value
}

/**
 * What to apply to a VF that has `present` settings to make them those of `wanted`, which {@link changedBy} gives, and
 * those that cannot be compared: what the card does not show, and a MAC, in whose place some show the VF's own.
 */
export function lackingOf(present: Partial<VfSettings>, wanted: Partial<VfSettings>): Partial<VfSettings> {
  const unshown = SETTING_GROUPS.filter(
    (group) => hasAny(wanted, group) && (group[0] === "mac" || !hasAny(present, group)),
  );
  const unknown = unshown.flat().map((key) => [key, wanted[key] ?? RESET[key]]);
  return { ...changedBy(present, wanted), ...Object.fromEntries(unknown) };
}

/** True where at least one setting of a group is given. */
export function hasAny(settings: Partial<VfSettings>, group: readonly (keyof VfSettings)[]): boolean {
  return group.some((key) => settings[key] !== undefined);
}
