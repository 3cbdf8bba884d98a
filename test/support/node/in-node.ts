/** Functions of our own run inside a node, where no plugin call reaches them alone. */

import { resolve } from "node:path";
import type { Finished, Node } from "./node.ts";

/** Exported names by the module that has them: `{ "src/link/vlan.ts": ["ensureVlanLink"] }`. */
export type Imports = Readonly<Record<string, readonly string[]>>;

/** What `body`, the body of a function, returns; a JSON value. @throws where it throws */
export function evaluateIn(node: Node, imports: Imports, body: string) {
  const { exitCode, stdout, stderr } = runIn(node, imports, body);
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** The name of the error that `body` throws. */
export function errorIn(node: Node, imports: Imports, body: string): string {
  const attempt = `try { ${body} } catch (error) { return error.errno ?? error.name; } return "no error";`;
  return evaluateIn(node, imports, attempt);
}

/** Runs `body` and kills it when it makes a system call for the nth time; false where it ends before that. */
export function killIn(
  node: Node,
  imports: Imports,
  body: string,
  { syscall, nth }: { syscall: string; nth: number },
): boolean {
  const inject = `inject=${syscall}:signal=KILL:when=${nth}`;
  const strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `trace=${syscall}`, "-e", inject];
  return node.run([...strace, ...commandOf(imports, body)]).exitCode !== 0;
}

function runIn(node: Node, imports: Imports, body: string): Finished {
  return node.run(commandOf(imports, body));
}

function commandOf(imports: Imports, body: string): string[] {
  return [resolve("scripts/bun"), "-e", programOf(imports, body)];
}

/** A program that prints what `body` returns, as JSON. */
export function programOf(imports: Imports, body: string): string {
  const lines = Object.entries(imports).map(
    ([module, names]) => `import { ${names.join(", ")} } from "${resolve(module)}";`,
  );
  return `${lines.join("\n")}\nconsole.log(JSON.stringify((() => { ${body} })() ?? null));`;
}

/** Modules that most programs of tests need; `SOCKET` is how they open a socket. */
export const ROUTE: Imports = {
  "src/netlink/socket.ts": ["NetlinkSocket"],
  "src/netlink/route/protocol.ts": ["rtnetlink"],
  "src/link/link.ts": ["getLink"],
};
export const SOCKET = "const socket = NetlinkSocket.open(rtnetlink);";
