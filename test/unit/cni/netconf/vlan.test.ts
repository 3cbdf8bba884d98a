/** The fields of VLANs: what they come to, and every fault with its path. */

import { expect, test } from "vitest";
import { cniErrorOf, requestOf } from "../../../support/fixtures/request.ts";

const decode = (conf: object) => requestOf(conf).netconf.bridge.portVlans;

const span = (first: number, last = first) => ({ first, last });
const NONE = { tagged: [], keepsDefault: false };

const decoded: [conf: object, vlans: object | undefined][] = [
  [{}, undefined],
  [{ vlan: 0 }, undefined],
  [{ vlan: null, vlanTrunk: null }, undefined],
  [{ preserveDefaultVlan: true }, undefined],
  [{ vlan: 1 }, { ...NONE, untagged: 1, own: 1 }],
  [{ VLAN: 4094 }, { ...NONE, untagged: 4094, own: 4094 }],
  [
    { vlan: 5, preserveDefaultVlan: true },
    { untagged: 5, own: 5, tagged: [], keepsDefault: true },
  ],
  [{ vlanTrunk: [] }, NONE],
  [{ vlanTrunk: [{}] }, NONE],
  [
    { vlan: 5, vlanTrunk: [] },
    { ...NONE, untagged: 5, own: 5 },
  ],
  [{ vlanTrunk: [{ id: 7 }] }, { ...NONE, untagged: 1, tagged: [span(7)] }],
  [{ vlanTrunk: [{ minID: 1, maxID: 4094 }] }, { ...NONE, untagged: 1, tagged: [span(1, 4094)] }],
  [{ vlanTrunk: [{ minid: 7, MAXID: 7 }] }, { ...NONE, untagged: 1, tagged: [span(7)] }],
  [
    { vlan: 5, vlanTrunk: [{ minID: 7, maxID: 9, id: 3 }, { id: 8 }] },
    { ...NONE, untagged: 5, own: 5, tagged: [span(7, 9), span(3), span(8)] },
  ],
];

test.for(decoded)("decodePortVlans() of %j gives %j", ([conf, vlans]) => {
  expect(decode(conf)).toEqual(vlans);
});

const faults: [conf: object, message: string][] = [
  [{ vlan: -1 }, "vlan: got -1, want a whole number from 0 to 4094"],
  [{ vlan: 4095 }, "vlan: got 4095, want a whole number from 0 to 4094"],
  [{ vlanTrunk: { id: 7 } }, "vlanTrunk: got "],
  [{ vlanTrunk: [null] }, "vlanTrunk[0]: got null, want an object"],
  [{ vlanTrunk: [{}, { id: 0 }] }, "vlanTrunk[1].id: got 0, want a whole number from 1 to 4094"],
  [{ vlanTrunk: [{ id: 4095 }] }, "vlanTrunk[0].id: got 4095"],
  [{ vlanTrunk: [{ id: "7" }] }, 'vlanTrunk[0].id: got "7"'],
  [{ vlanTrunk: [{ minID: 0, maxID: 5 }] }, "vlanTrunk[0].minID: got 0"],
  [{ vlanTrunk: [{ minID: 5, maxID: 4095 }] }, "vlanTrunk[0].maxID: got 4095"],
  [{ vlanTrunk: [{ minID: 9, maxID: 7 }] }, "vlanTrunk[0].maxID: got 7, want at least minID, which is 9"],
  [{ vlanTrunk: [{ maxID: 7 }] }, "vlanTrunk[0].minID: got nothing, want a VLAN from 1 to 4094 beside maxID"],
  [{ vlanTrunk: [{ minID: 7 }] }, "vlanTrunk[0].maxID: got nothing, want a VLAN from 1 to 4094 beside minID"],
  [{ preserveDefaultVlan: "yes" }, 'preserveDefaultVlan: got "yes"'],
];

test.for(faults)("decodePortVlans() gives code 7 when given %j", ([conf, message]) => {
  const error = cniErrorOf(() => decode(conf));
  expect(error.code).toBe(7);
  expect(error.message.slice(0, message.length)).toBe(message);
});
