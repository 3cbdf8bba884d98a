/** What is asked for: addresses and ports as people write them, and a way as they read it. */

import { expect, test } from "vitest";
import { parseDestination, parseService } from "../../../../src/cli/trace/run.ts";
import { describeHop } from "../../../../src/cli/trace/view.ts";
import { listeningPorts } from "../../../../src/linux/listeners.ts";
import { address } from "../../../support/fixtures/values.ts";

test.for([
  ["80", { port: 80, protocol: "tcp" }],
  ["53/UDP", { port: 53, protocol: "udp" }],
  ["65535/sctp", { port: 65535, protocol: "sctp" }],
] as const)("parseService() reads %s", ([text, wanted]) => {
  expect(parseService(text)).toEqual(wanted);
});

test.for(["", "0", "65536", "80/icmp", "80/tcp/x", "tcp", "-1", "080", "80/toString"])(
  "parseService() refuses %j with status 2",
  (text) => {
    expect(() => parseService(text)).toThrow(expect.objectContaining({ status: 2 }));
  },
);

test.for([
  ["10.1.0.2", [6], "10.1.0.2"],
  [undefined, [4, 6], "192.0.2.1"],
  [undefined, [6], "2001:db8::1"],
  [undefined, [], "192.0.2.1"],
] as const)(
  "parseDestination() gives what %s means to a pod with families %j",
  ([text, families, wanted]) => {
    expect(parseDestination(text, families)).toEqual(address(wanted));
  },
);

test.for(["cart-1", "10.1.0", "10.1.0.2/24", "fe80::1%eth0"])(
  "parseDestination() refuses %s with status 2",
  (text) => {
    expect(() => parseDestination(text, [4])).toThrow(expect.objectContaining({ status: 2 }));
  },
);

const SOCKETS = `  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000
   1: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000
   2: 0200010A:C350 0100007F:0016 01 00000000:00000000
`;

test("listeningPorts() gives ports of sockets that listen when others are connected", () => {
  expect(listeningPorts(SOCKETS, "0A")).toEqual([8080, 80]);
});

test("describeHop() puts the advice below the text when there is one", () => {
  const hop = { at: "node", level: "fault", text: "it does not forward", advice: "sysctl -w x=1" } as const;
  expect(describeHop(hop, 6)).toBe("✗ node    it does not forward\n          sysctl -w x=1");
});
