/** Findings of `podwire doctor` in tests: what they say, without the words around it. */

import type { AttachmentRecord } from "../../src/attachment/record.ts";
import type { Finding } from "../../src/cli/doctor/finding.ts";
import type { OwnNetwork } from "../../src/cli/doctor/own-network.ts";
import { type Link, toLink } from "../../src/link/link.ts";
import { record as recordOf } from "./records.ts";
import { prefix } from "./values.ts";

/** Level and text of each: `✗ …` is `["fault", "…"]`. */
export function said(findings: readonly Finding[]): [string, string][] {
  return findings.map(({ level, text }) => [level, text]);
}

/** What is to be done about each that is not well. */
export function commands(findings: readonly Finding[]): string[] {
  return findings.filter(({ level }) => level !== "ok").map(({ command }) => command);
}

/** A gateway bridge with addresses of both families; tests put their fields over it. */
export function ownNetwork(more: Partial<OwnNetwork> = {}): OwnNetwork {
  return {
    file: "/etc/cni/net.d/10-mynet.conflist",
    path: "plugins[0]",
    name: "mynet",
    bridge: "cni0",
    entry: "cni0",
    subnets: [prefix("10.1.0.0/16"), prefix("fd00:1::/64")],
    mtu: 0,
    isGateway: true,
    forward: false,
    hasRules: true,
    needs: [],
    ...more,
  };
}

/** Kernel parameters: those that are not named are not there. */
export function sysctls(values: Readonly<Record<string, string>>): (key: string) => string | undefined {
  return (key) => values[key];
}

/** An interface as the kernel would show it. */
export function link(more: Partial<Link>): Link {
  return { ...toLink({}), mtu: 1500, isUp: true, ...more };
}

/** The record of a pod on cni0, whose network namespace never was. */
export function record(more: Partial<AttachmentRecord> = {}): AttachmentRecord {
  return recordOf({ netns: "/run/netns/never", ...more });
}
