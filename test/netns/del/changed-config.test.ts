/** DEL with a configuration that is not the one of ADD any more. */

import { expect, test } from "vitest";
import { links, stateFiles } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, NETCONF } from "../../support/pod/attachment.ts";

const { ipam } = NETCONF;

function expectNothingLeft(node: Node) {
  expect(links(node).filter((link) => link.linkinfo?.info_kind === "veth")).toEqual([]);
  expect(stateFiles(node)).toEqual({});
}

const changes: { name: string; conf: object; args?: string }[] = [
  { name: "another dataDir", conf: { ipam: { ...ipam, dataDir: "/var/lib/cni/elsewhere" } } },
  { name: "a relative dataDir", conf: { ipam: { ...ipam, dataDir: "here" } } },
  { name: "no ranges", conf: { ipam: { type: "host-local" } } },
  { name: "other ranges", conf: { ipam: { type: "host-local", subnet: "10.9.0.0/16" } } },
  { name: "broken ranges", conf: { ipam: { type: "host-local", subnet: "10.9.0.1/99", ranges: 7 } } },
  { name: "no ipam", conf: { ipam: undefined } },
  { name: "ipam of the wrong kind", conf: { ipam: "none" } },
  { name: "another ipam plugin that is missing", conf: { ipam: { type: "nowhere" } } },
  { name: "another bridge", conf: { bridge: "br9" } },
  { name: "a bridge name of the wrong kind", conf: { bridge: 5 } },
  { name: "a broken mtu", conf: { mtu: "x" } },
  { name: "a broken dns", conf: { dns: 5 } },
  { name: "broken flags", conf: { isGateway: "yes", hairpinMode: 1, promiscMode: [], enabledad: {} } },
  { name: "contradicting flags", conf: { hairpinMode: true, promiscMode: true } },
  { name: "broken VLANs", conf: { ipMasq: true, isGateway: true, vlan: 9, vlanTrunk: 5, macspoofchk: true } },
  { name: "a broken runtimeConfig", conf: { runtimeConfig: { mac: "x", ips: ["y"], ipRanges: 3 } } },
  { name: "runtimeConfig and args of the wrong kind", conf: { runtimeConfig: 1, args: "x" } },
  { name: "unknown CNI_ARGS", conf: {}, args: "FOO=1;BAR=2" },
  { name: "broken CNI_ARGS", conf: {}, args: "MAC=zz;IP=9;nonsense" },
  { name: "a foreign capability list", conf: { capabilities: 7 } },
];

test.for(changes)(
  "DEL() removes everything when the configuration has $name",
  async ({ conf, args = "" }) => {
    await using node = await Node.create();
    attach(node);
    expect(call(node, "DEL", { conf, args })).toMatchObject({ exitCode: 0, stdout: "" });
    expectNothingLeft(node);
  },
);

test.for(changes)(
  "DEL() removes the interface without a record when there is $name",
  async ({ conf, args = "" }) => {
    await using node = await Node.create();
    attach(node);
    node.sh("rm -r /run/podwire/mynet");
    call(node, "DEL", { conf, args });
    expect(links(node).filter((link) => link.linkinfo?.info_kind === "veth")).toEqual([]);
  },
);

const versions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0"];

test.for(versions)(
  "DEL() removes everything when the configuration's version is %s now",
  async (cniVersion) => {
    await using node = await Node.create();
    attach(node);
    expect(call(node, "DEL", { conf: { cniVersion } })).toMatchObject({ exitCode: 0, stdout: "" });
    expectNothingLeft(node);
  },
);

test.for(versions)("DEL() by version 1.1.0 removes everything when ADD was by %s", async (cniVersion) => {
  await using node = await Node.create();
  attach(node, { conf: { cniVersion } });
  expect(call(node, "DEL")).toMatchObject({ exitCode: 0, stdout: "" });
  expectNothingLeft(node);
});

test("DEL() frees the addresses of the recorded data directory when the configuration names another", async () => {
  await using node = await Node.create();
  const at = (dataDir: string) => ({ ipam: { ...ipam, dataDir } });
  attach(node, { conf: at("/var/lib/cni/old") });
  expect(Object.keys(stateFiles(node))).toContain("/var/lib/cni/old/mynet/10.1.0.2");
  expect(call(node, "DEL", { conf: at("/var/lib/cni/new") }).exitCode).toBe(0);
  expectNothingLeft(node);
});
