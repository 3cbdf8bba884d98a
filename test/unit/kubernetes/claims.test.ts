/** A create is a claim: of many at once one is granted, whatever happens to the answers. */

import { expect, test } from "vitest";
import { ApiError, ApiUnreachable } from "../../../src/kubernetes/error.ts";
import { FakeApiServer } from "../../support/kubernetes/fake-api-server.ts";
import { clientOf } from "../../support/kubernetes/fake-client.ts";

const PATH = "/apis/podwire.io/v1alpha1/addressblocks";
const CLIENTS = 50;

test("ApiClient.create() is granted to one of 50 clients, and the one whose answer was lost finds its own object", async () => {
  await using server = await FakeApiServer.start();
  // The first to come is the one that is granted: of the others some are refused as too many, and ask again.
  server.inject({ effect: "lose answer" });
  server.inject({ effect: { refuse: { status: 429, reason: "TooManyRequests" } }, times: 10 });
  const claim = async (_: unknown, node: number) => {
    const client = clientOf(server);
    try {
      await client.create(PATH, { metadata: { name: "10.0.0.0" }, spec: { node } });
      return "granted";
    } catch (error) {
      if (error instanceof ApiError) return error.reason;
      if (!(error instanceof ApiUnreachable)) throw error;
      const { spec } = await client.get(`${PATH}/10.0.0.0`);
      return (spec as { node: number }).node === node ? "granted, as it found out" : "lost";
    }
  };
  const told = await Promise.all(Array.from({ length: CLIENTS }, claim));
  expect(told.toSorted()).toEqual([...Array(CLIENTS - 1).fill("AlreadyExists"), "granted, as it found out"]);
  expect(server.requests.filter(({ method }) => method === "POST")).toHaveLength(CLIENTS + 10);
});
