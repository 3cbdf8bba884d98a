/** Endpoints that are there: listed, shown, deleted. */

import { ENDPOINTS, listEndpoints, readEndpoint } from "../../network/files/read-files.ts";
import { ConfigLock, hasFile, removeEndpoint } from "../../network/files/write-files.ts";
import type { EndpointId } from "../../network/format/endpoint.ts";
import type { Call } from "../command.ts";
import { type ConfirmOptions, requireYes } from "../confirm.ts";
import { describeFailure, refused, STATUS, toFailure } from "../failure.ts";
import { type OutputOptions, printList, printOne } from "../print.ts";
import { findPlaces } from "./attached.ts";
import { ENDPOINT_VIEW, withPlaces } from "./view.ts";

export interface ListOptions extends OutputOptions {
  readonly ns?: string;
}

export function listNamedEndpoints({ options, finish }: Call<ListOptions>): void {
  const { configDir, ns } = options;
  const { endpoints, faults } = listEndpoints(configDir);
  const wanted = endpoints.filter(({ namespace }) => namespace === (ns ?? namespace));
  printList(options, ENDPOINT_VIEW, withPlaces(configDir, wanted));
  for (const fault of faults) console.error(describeFailure(toFailure(fault)));
  if (faults.length > 0) finish(STATUS.failed);
}

export interface GetOptions extends OutputOptions {
  readonly ns: string;
}

export function getEndpoint({ args: [name], options }: Call<GetOptions, [name: string]>): void {
  const { configDir, ns } = options;
  const endpoint = readEndpoint(configDir, ns, name);
  if (endpoint === undefined) throw describeMissing(configDir, name, ns);
  for (const listed of withPlaces(configDir, [endpoint])) printOne(options, ENDPOINT_VIEW, listed);
}

export interface DeleteOptions extends ConfirmOptions {
  readonly ns: string;
  readonly force?: true;
}

export function deleteEndpoint({ args: [name], options }: Call<DeleteOptions, [name: string]>): void {
  const { configDir, ns } = options;
  const id = { namespace: ns, name };
  if (!hasFile(configDir, ENDPOINTS, id)) throw describeMissing(configDir, name, ns);
  if (options.force !== true) requireDetached(id);
  requireYes(options, `Delete endpoint "${name}" of namespace "${ns}"?`);
  using _lock = ConfigLock.take(configDir);
  removeEndpoint(configDir, id);
  console.log(`endpoint "${name}" deleted`);
}

/** @throws {Failure} naming the container that uses it */
function requireDetached(id: EndpointId): void {
  const [place] = findPlaces([id]);
  if (place === undefined) return;
  throw refused(
    `endpoint "${id.name}" is used by container ${place.containerId} (${place.ifname})`,
    "end its pod, or delete the endpoint with --force: the pod keeps the address as long as it lives",
  );
}

function describeMissing(configDir: string, name: string, namespace: string) {
  const elsewhere = listEndpoints(configDir).endpoints.filter((endpoint) => endpoint.name === name);
  const advice = elsewhere.length === 0 ? "podwire endpoint list shows all" : "";
  const others = elsewhere.map((endpoint) => `--ns ${endpoint.namespace}`).join(", ");
  return refused(
    `there is no endpoint "${name}" in namespace "${namespace}"`,
    advice || `there is one with ${others}`,
  );
}
