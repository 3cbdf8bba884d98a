/** `podwire doctor firewall`: what other programs' chains do to pods' packets. */

import { expect, test } from "vitest";
import { judgeForward, judgeLegacy } from "../../../../../../src/cli/doctor/checks/network/firewall.ts";
import { commands, ownNetwork, said, sysctls } from "../../../../../support/fixtures/doctor.ts";

const DOCKER = {
  entry: "cni0",
  chain: "chain FORWARD of table ip filter",
  program: "Docker",
  isByPolicy: true,
};
const FIREWALLD = {
  entry: "cni0",
  chain: "chain filter_FORWARD of table inet firewalld",
  program: "firewalld",
  isByPolicy: false,
};

test("judgeForward() is content when no chain is in the way", () => {
  expect(said(judgeForward({ obstacles: [] }, [ownNetwork()], sysctls({})))).toEqual([
    ["ok", "no other program's chain drops what pods send through the node"],
  ]);
});

test.for([
  [
    "a policy",
    DOCKER,
    'set "forward": true in plugins[0] of /etc/cni/net.d/10-mynet.conflist; it works from the next ADD on',
  ],
  [
    "firewalld",
    FIREWALLD,
    "firewall-cmd --permanent --zone=trusted --add-interface=cni0 && firewall-cmd --reload",
  ],
  [
    "the last rule of another program",
    { ...FIREWALLD, program: "" },
    "accept what comes from and goes to cni0 before the last rule of the chain",
  ],
] as const)(
  "judgeForward() says what lets pods through when they are stopped by %s",
  ([, obstacle, command]) => {
    expect(commands(judgeForward({ obstacles: [obstacle] }, [ownNetwork()], sysctls({})))).toEqual([command]);
  },
);

test("judgeForward() names all chains in one line when they stop the same pods", () => {
  const second = { ...DOCKER, chain: "chain FORWARD of table ip6 filter", program: "" };
  expect(said(judgeForward({ obstacles: [DOCKER, second] }, [ownNetwork()], sysctls({})))).toEqual([
    [
      "fault",
      'chain FORWARD of table ip filter (Docker) and chain FORWARD of table ip6 filter drop what pods of "cni0" send',
    ],
  ]);
});

test("judgeForward() says that pods do not reach each other either when bridged frames pass the chain", () => {
  const [found] = judgeForward(
    { obstacles: [DOCKER] },
    [ownNetwork()],
    sysctls({ "net/bridge/bridge-nf-call-iptables": "1" }),
  );
  expect(found?.meaning).toContain("nor each other");
});

test.for([
  ["iptables", ["filter"], ["iptables-legacy -S FORWARD"]],
  ["iptables", ["nat", "raw"], []],
  ["ip6tables", ["nat", "filter"], ["ip6tables-legacy -S FORWARD"]],
] as const)("judgeLegacy() warns of %s when its tables are %s", ([name, tables, wanted]) => {
  const found = judgeLegacy({ iptables: [], ip6tables: [], [name]: tables });
  expect(commands(found)).toEqual(wanted);
});
