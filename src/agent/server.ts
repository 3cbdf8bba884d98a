/** What the agent answers: `/healthz` and `/metrics`. */

import { lstatSync, rmSync } from "node:fs";
import { isIP } from "node:net";

/** A local port, or a socket in the file system. */
export type Listen = { readonly hostname: string; readonly port: number } | { readonly unix: string };

/** Reads `127.0.0.1:9810`, `[::1]:9810` or `unix:/run/podwire.sock`; undefined for anything else. */
export function parseListen(text: string): Listen | undefined {
  if (text.startsWith("unix:/")) return { unix: text.slice("unix:".length) };
  const colon = text.lastIndexOf(":");
  const hostname = text.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  const port = Number(text.slice(colon + 1));
  const isPort = /^\d+$/.test(text.slice(colon + 1)) && port <= 65_535;
  return isIP(hostname) !== 0 && isPort ? { hostname, port } : undefined;
}

export interface Answers {
  /** Undefined where all is well. */
  problem(): string | undefined;
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}

/** Removes the socket of an agent that was killed. @throws another kind of file is at the path */
function requireNoFile(path: string): void {
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present === undefined) return;
  if (!present.isSocket()) throw new Error(`${path} exists and is no socket: want a path for a socket alone`);
  rmSync(path);
}

/** Serves until it is disposed of. @throws the port is taken, or another kind of file is at the path */
export function serve(listen: Listen, answers: Answers): { readonly url: string; [Symbol.dispose](): void } {
  if ("unix" in listen) requireNoFile(listen.unix);
  const server = Bun.serve({
    ...listen,
    development: false,
    // A request without a Host header has a path for its URL.
    fetch: ({ method, url }: Request) =>
      method === "GET" || method === "HEAD"
        ? answer(new URL(url, "http://localhost").pathname, answers)
        : new Response("want GET\n", { status: 405, headers: { allow: "GET, HEAD" } }),
    error: (error) => new Response(`${error.message}\n`, { status: 500 }),
  });
  const url = "unix" in listen ? `unix:${listen.unix}` : `http://${server.hostname}:${server.port}`;
  const close = () => {
    server.stop(true);
    if ("unix" in listen) rmSync(listen.unix, { force: true });
  };
  return { url, [Symbol.dispose]: close };
}

async function answer(path: string, { problem, metrics }: Answers): Promise<Response> {
  if (path === "/healthz") {
    const found = problem();
    return new Response(`${found ?? "ok"}\n`, { status: found === undefined ? 200 : 503 });
  }
  if (path !== "/metrics") return new Response("/healthz and /metrics are here\n", { status: 404 });
  const { type, text } = await metrics();
  return new Response(text, { headers: { "content-type": type } });
}
