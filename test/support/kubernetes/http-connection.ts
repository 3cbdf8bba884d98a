/** The server's side of HTTP/1.1 on a socket of our own, so that answers can be wrong in every way. */

import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const HEAD_END = "\r\n\r\n";

/** Serves the requests of a connection, one after the other. */
export function serveConnection(socket: Socket, serve: (request: HttpRequest, answer: Answer) => void): void {
  let received = Buffer.alloc(0);
  socket.on("error", () => {}); // the client may end it at any time
  socket.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    for (let taken = takeRequest(received); taken !== undefined; taken = takeRequest(received)) {
      received = taken.rest;
      serve(taken.request, new Answer(socket, taken.request));
    }
  });
}

function takeRequest(bytes: Buffer): { request: HttpRequest; rest: Buffer<ArrayBuffer> } | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const [first = "", ...lines] = bytes.subarray(0, end).toString().split("\r\n");
  const headers = new Map(lines.map((line) => splitHeader(line)));
  const start = end + HEAD_END.length;
  const stop = start + Number(headers.get("content-length") ?? 0);
  if (bytes.length < stop) return undefined;
  const [method = "", target = ""] = first.split(" ");
  const url = new URL(target, "http://server");
  const body = bytes.subarray(start, stop).toString();
  const request = { method, path: url.pathname, query: url.searchParams, headers, body };
  return { request, rest: Buffer.from(bytes.subarray(stop)) };
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

export class Answer {
  readonly #socket: Socket;
  readonly #acceptsGzip: boolean;
  #isGzip = false;

  constructor(socket: Socket, request: HttpRequest) {
    this.#socket = socket;
    this.#acceptsGzip = request.headers.get("accept-encoding")?.includes("gzip") ?? false;
  }

  /** Runs when the connection is gone. */
  closed(run: () => void): void {
    this.#socket.once("close", run);
  }

  /** A whole answer. */
  json(status: number, document: object, headers: Readonly<Record<string, string>> = {}): void {
    const body = JSON.stringify(document);
    this.#head(status, { "content-length": String(Buffer.byteLength(body)), ...headers });
    this.#socket.write(body);
  }

  /** An answer in chunks; with `gzip` each is a member of its own, where the client takes that. */
  begin({ gzip }: { readonly gzip: boolean }): void {
    this.#isGzip = gzip && this.#acceptsGzip;
    this.#head(200, {
      "transfer-encoding": "chunked",
      ...(this.#isGzip ? { "content-encoding": "gzip" } : {}),
    });
  }

  chunk(content: string | Buffer): void {
    const bytes = this.#isGzip ? gzipSync(content) : Buffer.from(content);
    this.#socket.write(
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]),
    );
  }

  end(): void {
    this.#socket.write("0\r\n\r\n");
  }

  /** A chunk of which half comes, and the end of the connection. */
  truncate(content: string): void {
    const bytes = Buffer.from(content);
    this.#socket.write(`${bytes.length.toString(16)}\r\n`);
    this.#socket.end(bytes.subarray(0, bytes.length / 2));
  }

  /** Ends the connection by RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #head(status: number, headers: Readonly<Record<string, string>>): void {
    const all = { "content-type": "application/json", ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.write(`HTTP/1.1 ${status} Answer\r\n${lines.join("")}\r\n`);
  }
}
