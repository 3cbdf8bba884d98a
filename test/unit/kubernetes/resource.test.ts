/** Paths of the API. */

import { expect, test } from "vitest";
import { pathOf } from "../../../src/kubernetes/resource.ts";

const PODS = { group: "", version: "v1", plural: "pods" };
const BLOCKS = { group: "podwire.io", version: "v1alpha1", plural: "addressblocks" };

test.each([
  [PODS, {}, "/api/v1/pods"],
  [PODS, { namespace: "web" }, "/api/v1/namespaces/web/pods"],
  [PODS, { namespace: "web", name: "p", subresource: "status" }, "/api/v1/namespaces/web/pods/p/status"],
  [BLOCKS, {}, "/apis/podwire.io/v1alpha1/addressblocks"],
  [BLOCKS, { name: "../nodes" }, "/apis/podwire.io/v1alpha1/addressblocks/..%2Fnodes"],
])("pathOf() of %j and %j", (resource, place, path) => {
  expect(pathOf(resource, place)).toBe(path);
});
