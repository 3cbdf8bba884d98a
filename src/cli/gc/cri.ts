/** The sandboxes of a container runtime, by one call of the container runtime interface over HTTP/2. */

import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { exists } from "../../linux/file.ts";
import { type Failure, refused } from "../failure.ts";
import { readFields } from "./protobuf.ts";

/** Where containerd, CRI-O and k3s listen. */
const USUAL = [
  "/run/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/run/k3s/containerd/containerd.sock",
];

const PATH = "/runtime.v1.RuntimeService/ListPodSandbox";
const TIMEOUT_MS = 10_000;

/** A message without fields, not compressed: all sandboxes. */
const REQUEST = Uint8Array.of(0, 0, 0, 0, 0);
const HEADER_LENGTH = 5;

/** Field numbers of `ListPodSandboxResponse` and `PodSandbox`, k8s.io/cri-api v1. */
const ITEMS = 1;
const ID = 1;

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
  const session = connectHttp2("http://localhost", { createConnection: () => connect(path) });
  try {
    return new Set(sandboxesIn(await call(session)));
  } catch (error) {
    throw unanswered(path, error);
  } finally {
    session.destroy();
  }
}

function unanswered(path: string, error: unknown): Failure {
  const reason = error instanceof Error ? error.message : String(error);
  return refused(
    `the container runtime at ${path} gave no list of its sandboxes: ${reason}`,
    "nothing was removed",
  );
}

/** The body of the answer. */
function call(session: ClientHttp2Session): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  session.on("error", reject);
  const stream: ClientHttp2Stream = session.request({
    ":method": "POST",
    ":path": PATH,
    "content-type": "application/grpc",
    te: "trailers",
  });
  const chunks: Uint8Array[] = [];
  let status: string | undefined;
  const note = (headers: Readonly<Record<string, unknown>>) => {
    if (headers["grpc-status"] !== undefined)
      status =
        `${headers["grpc-status"]} ${decodeURIComponent(String(headers["grpc-message"] ?? ""))}`.trim();
  };
  stream.on("response", note); // an answer without a body has its status here
  stream.on("trailers", note);
  stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  stream.on("error", reject);
  stream.on("end", () => {
    if (status?.split(" ")[0] === "0") resolve(Buffer.concat(chunks));
    else reject(new Error(status === undefined ? "the answer was cut off" : `gRPC status ${status}`));
  });
  stream.setTimeout(TIMEOUT_MS, () => reject(new Error(`no answer after ${TIMEOUT_MS / 1000} s`)));
  stream.end(REQUEST);
  return promise;
}

/** Behind a byte for compression and four for the length. */
function sandboxesIn(body: Uint8Array): string[] {
  if (body[0] === 1) throw new Error("the answer is compressed");
  return readFields(body.subarray(HEADER_LENGTH))
    .filter(({ number }) => number === ITEMS)
    .flatMap(({ bytes }) => readFields(bytes).filter(({ number }) => number === ID))
    .map(({ bytes }) => new TextDecoder().decode(bytes));
}
