/** The node agent, where one runs: whether it is well. */

import { type Listen, parseListen } from "../../../../agent/server.ts";
import { listDirectory } from "../../../../linux/directory.ts";
import { ignoringErrno } from "../../../../linux/error.ts";
import { readLink, readTextFile } from "../../../../linux/file.ts";
import { OWN_NETNS } from "../../../../linux/netns.ts";
import { type Check, type Finding, fault, ok, warning } from "../../finding.ts";

export const AGENT_CHECKS: readonly Check[] = [
  {
    group: "agent",
    name: "health",
    run: async () => judgeAgents(await Promise.all(findAgents().map(askAgent))),
  },
];

const DEFAULT_LISTEN = "127.0.0.1:9810";
const TIMEOUT_MS = 2000;

/** What an agent said, or why it said nothing. */
export interface Answer {
  readonly listen: string;
  readonly status?: number;
  readonly text: string;
}

/** A process whose command line is `podwire agent` or `podwire install --watch`. */
interface Agent {
  readonly pid: string;
  readonly listen: string;
}

/** Those of this network namespace: what listens on a local port of another one is another node's. */
function findAgents(): Agent[] {
  const own = readLink(OWN_NETNS);
  return listDirectory("/proc")
    .filter((name) => Number(name) > 0)
    .flatMap((pid) => {
      const isHere =
        ignoringErrno(() => readLink(`/proc/${pid}/ns/net`), undefined, "ESRCH", "EACCES") === own;
      const words = isHere
        ? ignoringErrno(() => readTextFile(`/proc/${pid}/cmdline`), "", "ENOENT", "ESRCH")
        : "";
      const listen = listenIn(words.split("\0"));
      return listen === undefined ? [] : [{ pid, listen }];
    });
}

/** Undefined where the words are not those of an agent. */
export function listenIn([program = "", ...words]: readonly string[]): string | undefined {
  const [command] = words[0] === "--config-dir" ? words.slice(2) : words;
  const isAgent = command === "agent" || (words.includes("install") && words.includes("--watch"));
  if (!program.endsWith("podwire") || !isAgent) return undefined;
  const joined = words.find((word) => word.startsWith("--listen="))?.slice("--listen=".length);
  const at = words.indexOf("--listen");
  return joined ?? (at < 0 ? undefined : words[at + 1]) ?? DEFAULT_LISTEN;
}

/** Its socket is where it sees it: it may run in a container. */
async function askAgent({ pid, listen }: Agent): Promise<Answer> {
  const target = parseListen(listen);
  if (target === undefined) return { listen, text: "that is no address" };
  try {
    const response = await fetch(urlOf(target), {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...("unix" in target ? { unix: `/proc/${pid}/root${target.unix}` } : {}),
    });
    return { listen, status: response.status, text: (await response.text()).trim() };
  } catch (error) {
    return { listen, text: error instanceof Error ? error.message : String(error) };
  }
}

function urlOf(listen: Listen): string {
  if ("unix" in listen) return "http://localhost/healthz";
  const { hostname, port } = listen;
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}/healthz`;
}

const HEALTHY = 200;

export function judgeAgents(answers: readonly Answer[]): Finding[] {
  if (answers.length === 0) return [ok("no agent runs here, and none is needed")];
  return answers.map(({ listen, status, text }) => {
    if (status === HEALTHY) return ok(`the agent at ${listen} is well`);
    if (status === undefined)
      return warning(`the agent at ${listen} does not answer: ${text}`, {
        meaning:
          "pods are served, but nobody puts back what is changed, and metrics are missing: its log says why",
        command: "kubectl -n podwire-system logs daemonset/podwire",
      });
    return fault(`the agent at ${listen} is not well: ${text}`, {
      meaning: "what it keeps in place is not as it should be: new pods may get an older configuration",
      command: "correct what it names; it tries again by itself",
    });
  });
}
