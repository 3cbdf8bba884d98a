/** Calls of the container runtime interface, as a kubelet makes them over gRPC. */

import { join } from "node:path";
import { Client, credentials, Metadata, type requestCallback } from "@grpc/grpc-js";
import { loadSync, type MethodDefinition } from "@grpc/proto-loader";

const SERVICE = "runtime.v1.RuntimeService";
const CALL_LIMIT_MS = 110_000;
/** A runtime that starts is there within a second: it is asked again sooner than the library would. */
const CHANNEL = { "grpc.initial_reconnect_backoff_ms": 20, "grpc.max_reconnect_backoff_ms": 50 };
const OPTIONS = { keepCase: true, enums: String, longs: Number, defaults: true } as const;

const service = loadSync(join(import.meta.dirname, "cri.proto"), OPTIONS)[SERVICE] as unknown as Readonly<
  Record<string, MethodDefinition<object, object>>
>;

export class CriClient {
  readonly #client: Client;

  /** @param socket path of the runtime's socket, as this process sees it */
  constructor(socket: string) {
    this.#client = new Client(`unix:${socket}`, credentials.createInsecure(), CHANNEL);
  }

  /** @throws with gRPC's status `code` and `details` */
  // biome-ignore lint/suspicious/noExplicitAny: replies are of every shape
  call(method: string, request: object): Promise<any> {
    const definition = service[method];
    if (definition === undefined) throw new Error(`cri.proto has no call ${method}`);
    const { path, requestSerialize, responseDeserialize } = definition;
    const options = { deadline: Date.now() + CALL_LIMIT_MS };
    return new Promise((resolve, reject) => {
      const done: requestCallback<object> = (error, reply) => (error ? reject(error) : resolve(reply));
      const metadata = new Metadata({ waitForReady: true });
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        done,
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}
