/** Listening ports, from /proc/net of the current network namespace. */

import { readTextFileIfAny } from "./file.ts";

/** Listening, for UDP unconnected: `st` of proc_pid_net(5). */
const STATES = { tcp: "0A", udp: "07" } as const;

/** True where a socket of any address of either family takes what comes to the port. */
export function hasListener(protocol: keyof typeof STATES, port: number): boolean {
  const files = [protocol, `${protocol}6`].map((name) => readTextFileIfAny(`/proc/net/${name}`) ?? "");
  return files.some((text) => listeningPorts(text, STATES[protocol]).includes(port));
}

/** `text`: a header, then lines like `0: 0100007F:1F90 00000000:0000 0A …`. */
export function listeningPorts(text: string, state: string): number[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words[3] === state)
    .map((words) => Number.parseInt(words[1]?.split(":")[1] ?? "", 16));
}
