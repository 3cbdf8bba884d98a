/** Our client at a fake API server, with pauses too short to wait for. */

import type { Access } from "../../../src/kubernetes/access.ts";
import { ApiClient } from "../../../src/kubernetes/client.ts";
import type { Pace } from "../../../src/kubernetes/pace.ts";
import type { FakeApiServer } from "./fake-api-server.ts";

/** Limits on waiting stay long: where nothing fails, none of them is reached. */
const QUICK: Partial<Pace> = { firstPauseMs: 2, longestPauseMs: 20 };

export function accessTo(server: FakeApiServer, token = "token"): Access {
  return {
    server: server.url,
    credentials: () => ({ tls: { ca: server.ca }, token }),
    renewToken: () => false,
  };
}

export function clientOf(server: FakeApiServer, pace: Partial<Pace> = {}): ApiClient {
  return new ApiClient(accessTo(server), { version: "1.2.3", pace: { ...QUICK, ...pace } });
}
