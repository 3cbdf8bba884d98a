/** What `podwire doctor` can be restricted to. */

/** In the order of the checks. */
export const GROUPS = [
  "rights",
  "kernel",
  "configuration",
  "directories",
  "sysctls",
  "firewall",
  "mtu",
  "pools",
  "leaks",
  "drift",
  "vfs",
  "cluster",
  "agent",
] as const;

export type Group = (typeof GROUPS)[number];
