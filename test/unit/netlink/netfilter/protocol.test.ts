/** Every nfnetlink message: values survive the wire, and no bytes do more harm than a DecodeError. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../../../../src/netlink/codec/error.ts";
import { type PayloadType, readPayload } from "../../../../src/netlink/codec/type.ts";
import { netfilter } from "../../../../src/netlink/netfilter/protocol.ts";
import { tableRequests } from "../../../../src/nftables/tables/requests.ts";
import { inetTable } from "../../../../src/nftables/tables/tables.ts";
import { nearlyAttributes } from "../../../support/netlink/messages.ts";

const header = fc.uint8Array({ minLength: 4, maxLength: 4 });
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.tuple(header, nearlyAttributes).map(([head, rest]) => Uint8Array.of(...head, ...rest)),
);

test.for(Object.entries(netfilter.messages))(
  "%s gives a value or a DecodeError when given random bytes",
  ([, row]) => {
    const type: PayloadType<unknown> = row[1];
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        try {
          readPayload(type, bytes);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  },
);

test("every request for the base table is read as it was written", () => {
  const requests = tableRequests(inetTable);
  expect(requests.length).toBeGreaterThan(30);
  for (const { message, body } of requests) {
    const type: PayloadType<unknown> = netfilter.messages[message][1];
    expect(readPayload(type, type.write(body, {}))).toMatchObject(body);
  }
});
