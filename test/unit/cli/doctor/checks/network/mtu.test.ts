/** `podwire doctor mtu`: the largest packet along the way. */

import { expect, test } from "vitest";
import { judgePorts, judgeWays } from "../../../../../../src/cli/doctor/checks/network/mtu.ts";
import { commands, link, said } from "../../../../../support/fixtures/doctor.ts";

const BRIDGE = link({ ifindex: 5, ifname: "cni0", kind: "bridge" });
const port = (ifname: string, mtu: number, master = 5) => link({ ifname, mtu, master });

test.for([
  ["all are equal", [port("a", 1500), port("b", 1500)], []],
  [
    "one is smaller",
    [port("a", 1500), port("b", 1400)],
    ['ports of bridge "cni0" have MTUs of 1400 to 1500 bytes'],
  ],
  ["the smaller one is another bridge's", [port("a", 1500), port("b", 1400, 6)], []],
  ["there is none", [], []],
] as const)("judgePorts() says what is lost when of a bridge's ports %s", ([, ports, wanted]) => {
  const found = judgePorts([BRIDGE, ...ports], ["cni0", "cni0"]);
  expect(said(found).filter(([level]) => level === "fault")).toEqual(wanted.map((text) => ["fault", text]));
});

const ETH0 = { ifname: "eth0", mtu: 1450, to: "the world" };
const PODS = { bridge: "cni0", place: "plugins[0] of /x.conflist", mtu: 1500 };

test.for([
  [
    "they are larger",
    PODS,
    ['set "mtu": 1450 in plugins[0] of /x.conflist, and delete the pods to have them made anew'],
  ],
  ["they fit exactly", { ...PODS, mtu: 1450 }, []],
  ["there are no pods, and the next ones take the uplink's", { ...PODS, mtu: 0 }, []],
] as const)(
  "judgeWays() gives what is to be set when pods' packets are looked at and %s",
  ([, pods, wanted]) => {
    expect(commands(judgeWays([pods], [ETH0]))).toEqual(wanted);
  },
);
