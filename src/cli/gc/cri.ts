/** The sandboxes of a container runtime, by one call of the container runtime interface (gRPC). */

import { once } from "node:events";
import { connect } from "node:net";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { Root } from "protobufjs/light";
import { exists } from "../../linux/file.ts";
import { type Failure, refused } from "../failure.ts";

/** Where containerd, CRI-O and k3s listen. */
const USUAL = [
  "/run/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/run/k3s/containerd/containerd.sock",
];

const CALL = "/runtime.v1.RuntimeService/ListPodSandbox";
const TIMEOUT_MS = 10_000;

/** What is read of the answer, of k8s.io/cri-api v1; the decoder passes over fields that it does not know. */
const MESSAGES = Root.fromJSON({
  nested: {
    ListPodSandboxResponse: { fields: { items: { id: 1, rule: "repeated", type: "PodSandbox" } } },
    PodSandbox: { fields: { id: { id: 1, type: "string" } } },
  },
});
const RESPONSE = MESSAGES.lookupType("ListPodSandboxResponse");

interface SandboxList {
  readonly items: readonly { readonly id: string }[];
}

/**
 * IDs of all sandboxes, ready or not: what is not ready any more has not been stopped yet.
 *
 * `endpoint`: `unix:///run/containerd/containerd.sock`, or the path alone; undefined: the one that is there.
 * @throws {Failure} nobody listens, or the answer is none
 */
export async function listSandboxes(endpoint: string | undefined): Promise<Set<string>> {
  const path = endpoint?.replace(/^unix:\/\//, "") ?? USUAL.find(exists);
  if (path === undefined)
    throw refused("no container runtime listens", `it has none of ${USUAL.join(", ")}: give --cri PATH`);
  const client = new Client(`unix:${path}`, credentials.createInsecure());
  try {
    await requireListener(path);
    const { items } = await call(client);
    return new Set(items.map(({ id }) => id));
  } catch (error) {
    throw unanswered(path, error);
  } finally {
    client.close();
  }
}

/** Why nobody listens the system says in fewer words than the library. @throws ENOENT, ECONNREFUSED and others */
async function requireListener(path: string): Promise<void> {
  const socket = connect(path);
  await once(socket, "connect");
  socket.destroy();
}

function unanswered(path: string, error: unknown): Failure {
  return refused(
    `the container runtime at ${path} gave no list of its sandboxes: ${describe(error)}`,
    "nothing was removed",
  );
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!isServiceError(error)) return error.message;
  if (error.code === status.DEADLINE_EXCEEDED) return `no answer after ${TIMEOUT_MS / 1000} s`;
  return `gRPC status ${error.code} ${error.details}`.trim();
}

function isServiceError(error: Error): error is ServiceError {
  return "code" in error && "details" in error;
}

/** With a request without fields: no filter. */
function call(client: Client): Promise<SandboxList> {
  const { promise, resolve, reject } = Promise.withResolvers<SandboxList>();
  const deadline = Date.now() + TIMEOUT_MS;
  client.makeUnaryRequest(CALL, encodeNothing, decodeList, {}, { deadline }, (error, list) => {
    if (error !== null) reject(error);
    else if (list === undefined) reject(new Error("the answer is empty"));
    else resolve(list);
  });
  return promise;
}

function encodeNothing(): Buffer {
  return Buffer.alloc(0);
}

function decodeList(bytes: Buffer): SandboxList {
  return RESPONSE.toObject(RESPONSE.decode(bytes), { defaults: true }) as SandboxList; // `as`: of the type above
}
