/** Why there is no IPv6, by the files of a kernel's /proc and /sys. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { whyNoIpv6 } from "../../../src/link/ipv6.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ipv6-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${content}\n`);
  }
}

const conf = (values: Readonly<Record<string, string>>) =>
  put(
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [`proc/sys/net/ipv6/conf/${name}/disable_ipv6`, value]),
    ),
  );
const set = (...names: string[]) => names.map((name) => `net/ipv6/conf/${name}/disable_ipv6=0`).join(" ");

test.for([
  [{ all: "0", default: "0", cni0: "0" }, undefined],
  [{ all: "0", default: "1", cni0: "0" }, undefined],
  [{ all: "0", default: "0" }, undefined],
  [
    { all: "1", default: "1", cni0: "1" },
    { first: "all", remedy: set("all") },
  ],
  [
    { all: "0", default: "1", cni0: "1" },
    { first: "default", remedy: set("default", "cni0") },
  ],
  [
    { all: "0", default: "0", cni0: "1" },
    { first: "cni0", remedy: set("cni0") },
  ],
  [
    { all: "0", default: "1" },
    { first: "default", remedy: set("default") },
  ],
] as const)("whyNoIpv6() with %j says %j", ([values, wanted]) => {
  conf(values);
  expect(whyNoIpv6("cni0", root)).toEqual(
    wanted && {
      by: `sysctl net/ipv6/conf/${wanted.first}/disable_ipv6 is 1`,
      remedy: `sysctl -w ${wanted.remedy}`,
    },
  );
  expect(whyNoIpv6(undefined, root)).toBeUndefined();
});

test.for(["cni0", undefined])(
  "whyNoIpv6(%s) blames the command line when the module is there and has no parameters",
  (ifname) => {
    put({ "sys/module/ipv6/parameters/disable": "1", "proc/sys/net/ipv4/ip_forward": "1" });
    expect(whyNoIpv6(ifname, root)).toEqual({
      by: "ipv6.disable=1 on the kernel's command line",
      remedy: "boot without ipv6.disable=1",
    });
  },
);

test("whyNoIpv6() blames the kernel when there is no such module", () => {
  put({ "proc/sys/net/ipv4/ip_forward": "1" });
  expect(whyNoIpv6("cni0", root)?.by).toBe("this kernel has none (CONFIG_IPV6, module ipv6)");
});
