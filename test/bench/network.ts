/** The network configurations that are measured, and the same state as `ip` makes it. */

export interface Network {
  readonly title: string;
  readonly conf: { readonly name: string };
  readonly bridge: string;
  /** Addresses that `ip` gives to the gateway and to the pod. */
  readonly gateways: readonly string[];
  readonly addresses: readonly string[];
}

const IPV4 = { subnet: "10.1.0.0/16", gateway: "10.1.0.1", address: "10.1.0.2/16" };
const IPV6 = { subnet: "fd00:1::/64", gateway: "fd00:1::1", address: "fd00:1::2/64" };

export const ipv4 = network("IPv4", "bench4", [IPV4]);
export const dualStack = network("dual stack", "bench46", [IPV4, IPV6]);

function network(title: string, name: string, families: readonly (typeof IPV4)[]): Network {
  const conf = {
    cniVersion: "1.0.0",
    name,
    type: "bridge",
    bridge: name,
    isGateway: true,
    isDefaultGateway: true,
    ipam: { type: "host-local", ranges: families.map(({ subnet }) => [{ subnet }]) },
  };
  const gateways = families.map(({ gateway }) => gateway);
  return { title, conf, bridge: name, gateways, addresses: families.map(({ address }) => address) };
}
