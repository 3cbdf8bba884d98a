/** Reading of the fields about the pod's interface and kernel parameters. */

import { expect, test } from "vitest";
import { planTuning } from "../../../../src/attachment/plan/tuning.ts";
import { decodeNetConf } from "../../../../src/cni/netconf/netconf.ts";
import { CniError } from "../../../../src/error/cni-error.ts";
import { toFields } from "../../../../src/json/fields.ts";
import { requestOf } from "../../../support/fixtures/request.ts";

const decode = (conf: object) => planTuning(requestOf(conf).netconf.tuning, "eth0");
const keysOf = (sysctl: object) => decode({ sysctl }).sysctls.map(({ key, value }) => [key, value]);

test.for<[name: string, path: string]>([
  ["net.core.somaxconn", "net/core/somaxconn"],
  ["net/core/somaxconn", "net/core/somaxconn"],
  ["net.ipv4.conf.IFNAME.rp_filter", "net/ipv4/conf/eth0/rp_filter"],
  ["net/ipv4/conf/IFNAME/rp_filter", "net/ipv4/conf/eth0/rp_filter"],
  ["net.ipv4.conf.eth0/100.rp_filter", "net/ipv4/conf/eth0.100/rp_filter"],
  ["net/ipv4/conf/eth0.100/rp_filter", "net/ipv4/conf/eth0.100/rp_filter"],
  ["net.ipv4.tcp_IFNAME", "net/ipv4/tcp_IFNAME"],
])("planTuning() finds %s at %s", ([name, path]) => {
  expect(keysOf({ [name]: "1" })).toEqual([[path, "1"]]);
});

test("planTuning() has nothing to set when nothing is said", () => {
  expect(decode({})).toEqual({ sysctls: [], promisc: false, allmulti: false });
});

test("planTuning() prefers what the user says in args.cni", () => {
  const conf = {
    sysctl: { "net.core.somaxconn": "1", "net.ipv4.ip_forward": "1" },
    promisc: true,
    txQLen: 5,
  };
  const args = { cni: { sysctl: { "net.core.somaxconn": "2" }, promisc: false, allmulti: true, txqlen: 6 } };
  const { sysctls, ...others } = decode({ ...conf, args });
  expect(others).toEqual({ promisc: false, allmulti: true, txQLen: 6 });
  expect(sysctls.map(({ key, value }) => [key, value])).toEqual([
    ["net/core/somaxconn", "2"],
    ["net/ipv4/ip_forward", "1"],
  ]);
});

test.for<[conf: object, path: string]>([
  [{ sysctl: { "kernel.hostname": "x" } }, 'sysctl["kernel.hostname"]'],
  [{ sysctl: { net: "1" } }, 'sysctl["net"]'],
  [{ sysctl: { "net/../kernel/hostname": "x" } }, 'sysctl["net/../kernel/hostname"]'],
  [{ sysctl: { "net..core": "x" } }, 'sysctl["net..core"]'],
  [{ sysctl: { "net/ipv4/": "x" } }, 'sysctl["net/ipv4/"]'],
  [{ sysctl: { "/net/ipv4/ip_forward": "1" } }, 'sysctl["/net/ipv4/ip_forward"]'],
  [{ sysctl: { "net.core.somaxconn": 5 } }, 'sysctl["net.core.somaxconn"]'],
  [{ sysctl: { "net.core.somaxconn": "5", "net/core/somaxconn": "6" } }, 'sysctl["net/core/somaxconn"]'],
  [{ sysctl: [] }, "sysctl"],
  [{ args: { cni: { sysctl: "x" } } }, "args.cni.sysctl"],
  [{ promisc: "on" }, "promisc"],
  [{ allmulti: 1 }, "allmulti"],
  [{ txQLen: -1 }, "txQLen"],
  [{ txQLen: 1.5 }, "txQLen"],
])("planTuning() refuses %j with code 7 and the path", ([conf, path]) => {
  expect(() => decode(conf)).toThrow(CniError);
  expect(() => decode(conf)).toThrow(
    expect.objectContaining({ code: 7, message: expect.stringContaining(`${path}:`) }),
  );
});

test("planTuning() refuses a parameter that the text gives twice", () => {
  const text = '{"sysctl": {"net.core.somaxconn": "1", "net.core.somaxconn": "2"}}';
  const fields = toFields({ path: "", value: JSON.parse(text) });
  const netconf = decodeNetConf(fields, { text, cniVersion: "1.1.0" });
  expect(() => planTuning(netconf.tuning, "eth0")).toThrow(/given twice/);
});
