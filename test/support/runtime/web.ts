/** A web server in a container, and who is asked for its page: busybox on both sides. */

import type { Node } from "../node/node.ts";

/** Serves the name of its host on port 80 of every address. */
export const WEB_SERVER = ["sh", "-c", "hostname > /www/index.html; exec httpd -f -h /www"] as const;

/** Command in the same container that returns when the server answers. */
export const WEB_SERVES = [
  ...["busybox", "timeout", "20", "sh", "-c"],
  "until wget -q -O /dev/null http://127.0.0.1; do sleep 0.05; done",
] as const;

/** Command that prints the page, or why there is none. Debian's static busybox crashes where wget itself has a limit. */
export function askFor(url: string): string[] {
  return ["busybox", "timeout", "5", "busybox", "wget", "-q", "-O", "-", url];
}

/** The page as a host sees it, or why there is none. */
export function pageAt(host: Node, url: string): string {
  const { stdout, stderr } = host.run(askFor(url));
  return `${stdout}${stderr}`.trim();
}
