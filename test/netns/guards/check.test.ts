/** Guards: CHECK passes after ADD, and names each piece of a guard that is gone or another. */

import { expect, test } from "vitest";
import { dropForwarded } from "../../support/kernel/forward-chains.ts";
import { Node } from "../../support/node/node.ts";
import { attach, callWithResult } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

const conf = { ...MYNET, macspoofchk: true, ingressPolicy: "isolated", forward: true };

const intact = [
  { name: "all guards", fields: conf },
  { name: "the check of senders", fields: { ...MYNET, macspoofchk: true } },
  { name: "one bridge's policy", fields: { ...MYNET, ingressPolicy: "same-bridge" } },
  { name: "a way through others' chains", fields: { ...MYNET, forward: true } },
];

test.for(intact)("CHECK() passes after ADD when there is $name", async ({ fields }) => {
  await using node = await Node.create();
  dropForwarded(node);
  const result = attach(node, { conf: fields });
  attach(node, { conf: fields, containerId: "c2" });
  const checked = callWithResult(node, "CHECK", result, { conf: fields });
  expect(checked).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
});

/** Deletes a rule by a text that stands in it. */
const deleteRule = (family: string, text: string) =>
  `nft delete rule ${family} filter FORWARD handle $(nft -a list chain ${family} filter FORWARD |
    sed -n 's/.*${text}.*# handle //p')`;

/** `HOST` stands for the host's end, `MAC` for the pod's MAC address. */
const changes = [
  {
    name: "the port is not checked",
    script: "nft delete element bridge podwire checked '{ \"HOST\" }'",
    names: "element { HOST } of set checked in table bridge podwire",
  },
  {
    name: "the pod's sender is unknown",
    script: "nft delete element bridge podwire senders '{ \"HOST\" . MAC }'",
    names: "element { HOST . MAC } of set senders in table bridge podwire",
  },
  {
    name: "the pod's sender is another's",
    script: `nft delete element bridge podwire senders '{ "HOST" . MAC }'
      nft add element bridge podwire senders '{ "HOST" . MAC comment "mynet/c9/eth0" }'`,
    names: "mynet/c9/eth0",
  },
  {
    name: "the table of senders is gone",
    script: "nft delete table bridge podwire",
    names: "table bridge podwire",
  },
  {
    name: "the rule about senders is gone",
    script: "nft flush chain bridge podwire prerouting",
    names: "chain prerouting of table bridge podwire",
  },
  {
    name: "the bridge is guarded no more",
    script: "nft delete element inet podwire guarded '{ \"cni0\" }'",
    names: "set guarded",
  },
  {
    name: "the bridge isolates no more",
    script: 'nft delete element inet podwire isolated \'{ "cni0" . "cni0" }\'',
    names: "set isolated",
  },
  {
    name: "the rules about bridges are gone",
    script: "nft flush chain inet podwire forward",
    names: "chain forward of table inet podwire",
  },
  {
    name: "one of the rules about bridges is another",
    script: `nft replace rule inet podwire forward handle $(nft -a list chain inet podwire forward |
      sed -n 's/.*@isolated.*# handle //p') accept`,
    names: "chain forward of table inet podwire",
  },
  {
    name: "the port is isolated no more",
    script: "bridge link set dev HOST isolated off",
    names: "isolation",
  },
  {
    name: "the port is out of the group of the RA guard",
    script: "ip link set dev HOST group default",
    names: 'interface "HOST" is in group 0, want 28791',
  },
  {
    name: "nothing accepts what the bridge sends",
    script: deleteRule("ip", 'iifname "cni0"'),
    names: "chain FORWARD of table ip filter",
  },
  {
    name: "nothing accepts what is for the bridge in IPv6",
    script: deleteRule("ip6", 'oifname "cni0"'),
    names: "chain FORWARD of table ip6 filter",
  },
  {
    name: "somebody's chain began to drop",
    script: "nft 'table inet own { chain late { type filter hook forward priority 5; policy drop; }; }'",
    names: "chain late of table inet own",
  },
];

test.for(changes)("CHECK() fails with code 102 and names it when $name", async ({ script, names }) => {
  await using node = await Node.create();
  dropForwarded(node);
  const result = attach(node, { conf });
  const [, { name }, { mac }] = result.interfaces;
  const inWords = (text: string) => text.replaceAll("HOST", name).replaceAll("MAC", mac);
  node.sh(inWords(script));
  const checked = callWithResult(node, "CHECK", result, { conf });
  expect([checked.exitCode, checked.json?.code]).toEqual([1, 102]);
  expect(checked.json.msg).toContain(inWords(names));
});

test("CHECK() passes when somebody's chain drops and forward is off", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf: MYNET });
  dropForwarded(node);
  expect(callWithResult(node, "CHECK", result, { conf: MYNET })).toMatchObject({ exitCode: 0, stdout: "" });
});
