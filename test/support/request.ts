/** Decoded requests for tests, from a configuration as a runtime would send it. */

import { readEnvironment } from "../../src/cni/environment.ts";
import { CniError } from "../../src/cni/error.ts";
import { decodeRequest, type Request } from "../../src/cni/request.ts";

export const ENVIRONMENT = {
  CNI_COMMAND: "ADD",
  CNI_CONTAINERID: "c1",
  CNI_NETNS: "/run/netns/pod",
  CNI_IFNAME: "eth0",
  CNI_PATH: "/opt/cni/bin",
} as const;

/** A configuration that every plugin call accepts. */
export const NETCONF = { cniVersion: "1.1.0", name: "mynet", type: "podwire" } as const;

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The request of one call; `conf` is put over {@link NETCONF}, `variables` over {@link ENVIRONMENT}. */
export function requestOf(conf: object = {}, variables: Record<string, string> = {}): Request {
  const environment = readEnvironment({ ...ENVIRONMENT, ...variables });
  return decodeRequest(environment, bytesOf(JSON.stringify({ ...NETCONF, ...conf })));
}

/** The CniError that `action` throws; fails where it throws none or another. */
export function cniErrorOf(action: () => unknown): CniError {
  try {
    action();
  } catch (error) {
    if (error instanceof CniError) return error;
    throw error;
  }
  throw new Error("no CniError was thrown");
}
