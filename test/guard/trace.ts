/** Counts in the log of `strace -f`. */

const START = /^(\d+) +(\w+)\(/;
const THREADS = ["clone", "clone3", "fork", "vfork"];
const PROGRAMS = ["execve", "execveat"];

export interface TraceCounts {
  readonly systemCalls: number;
  readonly threads: number;
  readonly programs: number;
}

export function readTrace(log: string): TraceCounts {
  const names = log.split("\n").flatMap((line) => START.exec(line)?.[2] ?? []);
  const count = (wanted: readonly string[]) => names.filter((name) => wanted.includes(name)).length;
  return { systemCalls: names.length, threads: count(THREADS), programs: count(PROGRAMS) };
}
