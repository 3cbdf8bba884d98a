/** A custom resource without a schema, for tests of the client. */

import type { ApiClient } from "../../../src/kubernetes/client.ts";
import type { ApiObject } from "../../../src/kubernetes/object.ts";
import { pathOf } from "../../../src/kubernetes/resource.ts";
import { watchResource } from "../../../src/kubernetes/watch.ts";

const DEFINITIONS = pathOf({
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
});

export const THINGS = pathOf({ group: "test.podwire.io", version: "v1", plural: "things" });

export function thing(name: string, content: object = {}): object {
  return { apiVersion: "test.podwire.io/v1", kind: "Thing", metadata: { name }, ...content };
}

/** Returns when the server serves it. */
export async function defineThings(client: ApiClient): Promise<void> {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  await client.create(DEFINITIONS, {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.test.podwire.io" },
    spec: {
      group: "test.podwire.io",
      scope: "Cluster",
      names: { plural: "things", singular: "thing", kind: "Thing" },
      versions: [{ name: "v1", served: true, storage: true, schema, subresources: { status: {} } }],
    },
  });
  await established(client);
}

async function established(client: ApiClient): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const target = { path: DEFINITIONS, fieldSelector: "metadata.name=things.test.podwire.io" };
  using _watch = watchResource(client, target, {
    put: (object) => {
      if (isEstablished(object)) resolve();
    },
    remove: () => {},
    synced: () => {},
    problem: reject,
  });
  await promise;
}

function isEstablished({ status }: ApiObject): boolean {
  const { conditions } = (status ?? {}) as { conditions?: { type: string; status: string }[] | null };
  return conditions?.some(({ type, status: is }) => type === "Established" && is === "True") ?? false;
}
