/** The API server that the nodes come from, as it is reached from here: whether it answers, and what time it has. */

import { readStatus } from "../../../../cluster/status.ts";
import { type Check, count, type Finding, fault, ok, warning } from "../../finding.ts";

const WAIT_MS = 3_000;
/** Requests and answers take a while, and the header has whole seconds. */
const TOLERATED_SECONDS = 10;

export const API_CHECKS: readonly Check[] = [
  {
    group: "cluster",
    name: "api",
    run: async () => {
      const server = readStatus()?.apiServer;
      return server === undefined ? [] : judgeApi(server, await askApi(server));
    },
  },
];

/** What came of a request, whatever its status. */
export interface ApiAnswer {
  /** How far this node's clock is before the server's; undefined: it has not said its time. */
  readonly aheadSeconds?: number | undefined;
  /** Why there was no answer. */
  readonly problem?: string;
}

/** Nothing is shown to the server, and nothing of its answer is trusted: its certificate does not matter. */
async function askApi(server: string): Promise<ApiAnswer> {
  const sent = Date.now();
  try {
    const { headers } = await fetch(`${server}/version`, {
      redirect: "manual",
      signal: AbortSignal.timeout(WAIT_MS),
      tls: { rejectUnauthorized: false },
    });
    const theirs = Date.parse(headers.get("date") ?? "");
    const ours = (sent + Date.now()) / 2;
    return { aheadSeconds: Number.isNaN(theirs) ? undefined : Math.round((ours - theirs) / 1000) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

export function judgeApi(server: string, { problem, aheadSeconds = 0 }: ApiAnswer): Finding[] {
  if (problem !== undefined)
    return [
      fault(`the API server ${server} does not answer: ${problem}`, {
        meaning: "pods run and start; nodes that come, change or go are not followed",
        command:
          "see that it runs and is reached from this node; the agent goes on asking. Where kube-proxy does not run yet, give the agent --api-server",
      }),
    ];
  if (Math.abs(aheadSeconds) <= TOLERATED_SECONDS) return [ok(`the API server ${server} answers`)];
  const direction = aheadSeconds > 0 ? "ahead of" : "behind";
  return [
    warning(
      `this node's clock is ${count(Math.abs(aheadSeconds), "second")} ${direction} that of the API server`,
      {
        meaning: "certificates and tokens are refused where their time has not come, or is over",
        command: "timedatectl set-ntp true, or what sets the time on this node",
      },
    ),
  ];
}
