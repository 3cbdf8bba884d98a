/** The fields of rates: which of two sources counts, and what is refused with which path. */

import { expect, test } from "vitest";
import { cniErrorOf, requestOf } from "../../../support/fixtures/request.ts";

const decode = (conf: object) => requestOf(conf).netconf.shaping;
const byRuntime = (bandwidth: object) => ({ runtimeConfig: { bandwidth } });

const LARGEST = 4_294_967_295;

const decoded: [conf: object, shaping: object | undefined][] = [
  [{}, undefined],
  [byRuntime({}), undefined],
  [byRuntime({ ingressRate: 0, ingressBurst: 0, egressRate: 0, egressBurst: 0 }), undefined],
  [byRuntime({ ingressRate: null }), undefined],
  [byRuntime({ egressBurst: LARGEST }), undefined],
  [byRuntime({ ingressRate: 800 }), { ingress: { rate: 800 } }],
  [byRuntime({ egressRate: 8 }), { egress: { rate: 8 } }],
  [byRuntime({ ingressRate: 800, ingressBurst: 80 }), { ingress: { rate: 800, burst: 80 } }],
  [byRuntime({ ingressRate: 800, ingressBurst: LARGEST }), { ingress: { rate: 800 } }],
  [
    byRuntime({ ingressRate: 800, ingressBurst: LARGEST - 1 }),
    { ingress: { rate: 800, burst: LARGEST - 1 } },
  ],
  [
    { ingressRate: 800, egressRate: 1600 },
    { ingress: { rate: 800 }, egress: { rate: 1600 } },
  ],
  [{ ingressRate: 800, ...byRuntime({ egressRate: 1600 }) }, { ingress: { rate: 800 } }],
  [{ ingressBurst: 0, ...byRuntime({ egressRate: 1600 }) }, undefined],
];

test.for(decoded)("decodeShaping() of %j gives %j", ([conf, shaping]) => {
  expect(decode(conf)).toEqual(shaping);
});

const refused: [conf: object, path: string][] = [
  [{ ingressBurst: 8 }, "ingressBurst"],
  [byRuntime({ egressBurst: 8 }), "runtimeConfig.bandwidth.egressBurst"],
  [{ egressRate: 7 }, "egressRate"],
  [byRuntime({ ingressRate: 800, ingressBurst: LARGEST + 1 }), "runtimeConfig.bandwidth.ingressBurst"],
  [byRuntime({ ingressRate: -800 }), "runtimeConfig.bandwidth.ingressRate"],
  [byRuntime({ ingressRate: 2 ** 53 }), "runtimeConfig.bandwidth.ingressRate"],
  [byRuntime([]), "runtimeConfig.bandwidth"],
];

test.for(refused)("decodeShaping() gives code 7 and the path when given %j", ([conf, path]) => {
  const error = cniErrorOf(() => decode(conf));
  expect(error.code).toBe(7);
  expect(error.message).toContain(path);
});
