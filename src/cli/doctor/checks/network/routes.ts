/** Routes of the node that lead away from the pods what is meant for them. */

import { formatPrefix, prefixContains } from "../../../../addr/prefix.ts";
import { isMark } from "../../../../attachment/attachment.ts";
import type { Link } from "../../../../link/link.ts";
import type { ListedRoute } from "../../../../link/route.ts";
import { RT_TABLE_MAIN } from "../../../../netlink/route/route.ts";
import { type Check, type Finding, fault, orOk } from "../../finding.ts";
import { type OwnNetwork, titleOf } from "../../own-network.ts";

export const ROUTE_CHECKS: readonly Check[] = [
  {
    group: "configuration",
    name: "routes",
    run: ({ own, routes, links }) => judgeRoutes(own(), routes(), links()),
  },
];

/** Such as another plugin's bridge with the same network leaves behind. */
export function judgeRoutes(
  own: readonly OwnNetwork[],
  routes: readonly ListedRoute[],
  links: readonly Link[],
): Finding[] {
  const isHere = ({ table }: ListedRoute) => table === RT_TABLE_MAIN;
  const troubles = own
    .filter(({ isGateway }) => isGateway)
    .flatMap((network) =>
      routes
        .filter((route) => isHere(route) && network.subnets.some((subnet) => isWithin(route, subnet)))
        .flatMap((route) => {
          const link = links.find(({ ifindex }) => ifindex === route.ifindex);
          if (link === undefined || isPods(link, network)) return [];
          const dst = formatPrefix(route.dst);
          return [
            fault(`the route to ${dst} leads to "${link.ifname}", not to the pods of "${titleOf(network)}"`, {
              meaning: "packets for these pods go there: the node and other networks do not reach them",
              command: `ip route del ${dst} dev ${link.ifname}`,
            }),
          ];
        }),
    );
  return orOk(troubles, "no route leads away from pods' networks");
}

/** Without a bridge, every pod has an interface of its own. */
function isPods({ ifname, ifalias }: Link, { bridge, entry }: OwnNetwork): boolean {
  return bridge === undefined ? isMark(ifalias) : ifname === entry;
}

function isWithin({ dst }: ListedRoute, subnet: OwnNetwork["subnets"][number]): boolean {
  return dst.prefixLength >= subnet.prefixLength && prefixContains(subnet, dst.address);
}
