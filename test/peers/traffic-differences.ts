/** Every intended difference in traffic between podwire and the reference's bridge and portmap, and why. */

/** A fact that differs is one line `FROM → PROTOCOL ADDRESS PORT: REFERENCE → PODWIRE`; `left.…` after DEL. */
export interface TrafficDifference {
  readonly id: string;
  /** Matches the whole line. */
  readonly where: RegExp;
  readonly why: string;
}

export const TRAFFIC_DIFFERENCES = [
  {
    id: "bridged-source",
    where: /^c2 → tcp \S+ 8080: c1 (10\.1\.0\.1|fd00:1::1) → c1 (10\.1\.0\.3|fd00:1::3)$/,
    why: "with br_netfilter the reply of a pod on the same bridge comes back by itself, so its source is kept; the reference masquerades the whole network",
  },
  {
    id: "same-bridge-answers",
    where: /^c[12] → tcp \S+ 8080: no answer: timeout → c1 (10\.1\.0\.1|fd00:1::1)$/,
    why: "what is routed back to the bridge that it came from is masqueraded whatever snat says, or replies would not come back",
  },
  {
    id: "masquerade-all",
    where:
      /^(outside|node) → tcp \S+ 8080: c1 (192\.168\.50\.[12]|fd50::[12]|192\.0\.2\.7) → c1 (10\.1\.0\.1|fd00:1::1)$/,
    why: "portmap 1.1.1 has no masqAll yet; newer ones masquerade every connection through a host port, as podwire does",
  },
  {
    id: "ipv6-loopback",
    where: /^node → (tcp|udp) ::1 \d+: no answer: timeout → no answer: ECONNREFUSED$/,
    why: "the kernel sends nothing from ::1 to elsewhere: the reference translates it all the same, so that it hangs and hides a listener of the node's own",
  },
] as const satisfies readonly TrafficDifference[];

export type TrafficDifferenceId = (typeof TRAFFIC_DIFFERENCES)[number]["id"];
