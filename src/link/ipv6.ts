/** Whether interfaces of the namespace can have IPv6 addresses. */

import { exists } from "../linux/file.ts";
import { readSysctl } from "../linux/sysctl.ts";

/** What has turned IPv6 off, and what turns it on again. */
export interface Ipv6Off {
  readonly by: string;
  readonly remedy: string;
}

const CONF = "net/ipv6/conf";

/**
 * Undefined where IPv6 is on for the interface, or for a new one where there is none of that name.
 * @param ifname undefined: of any interface, so that only the kernel itself can have it off
 * @param root directory with `proc` and `sys` in it; empty: those of the process
 * @see Documentation/networking/ipv6.rst
 */
export function whyNoIpv6(ifname: string | undefined, root = ""): Ipv6Off | undefined {
  const read = (name: string) => readSysctl(`${CONF}/${name}/disable_ipv6`, `${root}/proc`);
  if (read("all") === undefined) return offByKernel(root);
  if (ifname === undefined) return undefined;
  const isOff = (name: string) => (read(name) ?? "0") !== "0";
  if (!isOff(read(ifname) === undefined ? "default" : ifname)) return undefined;
  const keys = ["all", "default", ifname].filter(isOff).map((name) => `${CONF}/${name}/disable_ipv6`);
  const [first = ""] = keys;
  // Setting that of `all` sets the others.
  const wanted = first.includes("/all/") ? [first] : keys;
  return { by: `sysctl ${first} is 1`, remedy: `sysctl -w ${wanted.map((key) => `${key}=0`).join(" ")}` };
}

function offByKernel(root: string): Ipv6Off {
  return exists(`${root}/sys/module/ipv6/parameters/disable`)
    ? { by: "ipv6.disable=1 on the kernel's command line", remedy: "boot without ipv6.disable=1" }
    : {
        by: "this kernel has none (CONFIG_IPV6, module ipv6)",
        remedy: "modprobe ipv6, or boot a kernel that has it",
      };
}
