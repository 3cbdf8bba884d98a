/** `podwire endpoint`: addresses that stay with a name, whichever pod uses it. */

import { ENDPOINTS, listEndpoints, readEndpoint } from "../../network/files/read-files.ts";
import { ConfigLock, hasFile, removeEndpoint } from "../../network/files/write-files.ts";
import type { EndpointId } from "../../network/format/endpoint.ts";
import { type ConfirmOptions, requireYes } from "../confirm.ts";
import { describeFailure, refused, STATUS, toFailure } from "../failure.ts";
import { type OutputOptions, printList, printOne } from "../print.ts";
import { allOptions, type Program } from "../program.ts";
import { findPlaces } from "./attached.ts";
import { addCreate } from "./create.ts";
import { ENDPOINT_VIEW, withPlaces } from "./view.ts";

const DESCRIPTION = `Persistent endpoints: addresses of a network that stay with a name.

A pod uses one by the annotation diamanti.com/endpoint0: '{"endpointId":"ep1"}' and
has its addresses; when the pod is gone the endpoint keeps them for the next.`;

const EXAMPLES = `
Examples:
  podwire endpoint create ep1 -n web -i 10.10.120.91
  podwire endpoint list
  podwire endpoint delete ep1 --yes`;

export function addEndpoint({ command, finish }: Program): void {
  const group = command
    .command("endpoint")
    .summary("addresses that stay with a name")
    .description(DESCRIPTION)
    .addHelpText("after", EXAMPLES);
  for (const add of [addCreate, addList, addGet, addDelete]) add({ command: group, finish });
}

interface ListOptions extends OutputOptions {
  readonly ns?: string;
}

function addList({ command, finish }: Program): void {
  command
    .command("list")
    .summary("list endpoints")
    .description("Lists the endpoints; CONTAINER, MAC, VF, PORT and NODE are filled in while a pod uses one.")
    .option("--ns <namespace>", "only those of this namespace")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  podwire endpoint list\n  podwire endpoint list --ns prod --json")
    .action((_options, self) => {
      const { configDir, ...options } = allOptions<ListOptions>(self);
      const { endpoints, faults } = listEndpoints(configDir);
      const wanted = endpoints.filter(({ namespace }) => namespace === (options.ns ?? namespace));
      printList(options, ENDPOINT_VIEW, withPlaces(configDir, wanted));
      for (const fault of faults) console.error(describeFailure(toFailure(fault)));
      if (faults.length > 0) finish(STATUS.failed);
    });
}

interface NamespaceOptions {
  readonly ns: string;
}

function addGet({ command }: Program): void {
  command
    .command("get <name>")
    .summary("show one endpoint")
    .description("Shows one endpoint.")
    .option("--ns <namespace>", "its namespace", "default")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  podwire endpoint get ep1 --ns prod")
    .action((name: string, _options, self) => {
      const { configDir, ...options } = allOptions<OutputOptions & NamespaceOptions>(self);
      const endpoint = readEndpoint(configDir, options.ns, name);
      if (endpoint === undefined) throw describeMissing(configDir, name, options.ns);
      for (const listed of withPlaces(configDir, [endpoint])) printOne(options, ENDPOINT_VIEW, listed);
    });
}

const DELETE_DESCRIPTION = `Deletes an endpoint; its address is free for others then.

Refused while a pod uses it. With --force it goes all the same: the pod keeps the
address as long as it lives.`;

function addDelete({ command }: Program): void {
  command
    .command("delete <name>")
    .summary("delete an endpoint that no pod uses")
    .description(DELETE_DESCRIPTION)
    .option("--ns <namespace>", "its namespace", "default")
    .option("-y, --yes", "do not ask")
    .option("-f, --force", "also while a pod uses it")
    .addHelpText("after", "\nExamples:\n  podwire endpoint delete ep1 --ns prod --yes")
    .action((name: string, _options, self) => {
      type Options = ConfirmOptions & NamespaceOptions & { readonly force?: true };
      const { configDir, ...options } = allOptions<Options>(self);
      const id = { namespace: options.ns, name };
      if (!hasFile(configDir, ENDPOINTS, id)) throw describeMissing(configDir, name, options.ns);
      if (options.force !== true) requireDetached(id);
      requireYes(options, `Delete endpoint "${name}" of namespace "${options.ns}"?`);
      using _lock = ConfigLock.take(configDir);
      removeEndpoint(configDir, id);
      console.log(`endpoint "${name}" deleted`);
    });
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
