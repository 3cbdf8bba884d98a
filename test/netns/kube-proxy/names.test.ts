/** The names of kube-proxy's chains are those that its own tests expect. */

import { expect, test } from "vitest";
import {
  iptablesChain,
  iptablesEndpointChain,
  nftablesChain,
  nftablesEndpointChain,
  type Service,
} from "../../support/kube-proxy/kube-proxy-names.ts";

const ENDPOINT = { address: "10.180.0.1", port: 80 };
const SERVICE: Service = {
  name: "ns1/svc1",
  portName: "p80",
  protocol: "tcp",
  clusterIP: "172.30.0.41",
  port: 80,
  endpoints: [ENDPOINT],
};

test.for([
  ["iptablesChain", () => iptablesChain("SVC", SERVICE), "KUBE-SVC-XPGD46QRK7WJZT7O"],
  ["iptablesEndpointChain", () => iptablesEndpointChain(SERVICE, ENDPOINT), "KUBE-SEP-SXIVWICOYRO3J4NJ"],
  ["nftablesChain", () => nftablesChain("service", SERVICE), "service-ULMVA6XW-ns1/svc1/tcp/p80"],
  [
    "nftablesEndpointChain",
    () => nftablesEndpointChain(SERVICE, ENDPOINT),
    "endpoint-5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80",
  ],
] as const)("%s() gives kube-proxy's name when a Service has one endpoint", ([, name, expected]) => {
  expect(name()).toBe(expected);
});
