/** The system calls of a process that change something, as strace(1) tells of them. */

export interface Change {
  readonly syscall: string;
  /** Which of the process's calls of that name, from 1 on. */
  readonly nth: number;
  /** The call as strace prints it. */
  readonly text: string;
}

/** What can change something; the others of a plugin call only look, or make what nobody else sees. */
export const CHANGING = ["linkat", "mkdir", "openat", "sendto", "symlink", "unlink", "write"] as const;

/** Low bits of a message type of rtnetlink: NEW, DEL, GET, SET (linux/rtnetlink.h, RTM_NR_MSGTYPES). */
const KIND = 0b11;
const GET = 0b10;

/** Those of a log of `strace -f -o LOG -e trace=…` that succeeded, in order. */
export function changesIn(log: string): Change[] {
  const counts = new Map<string, number>();
  const drafts = new Set<string>();
  return log.split("\n").flatMap((line) => {
    const [, text = "", syscall = "", target = "", result = ""] =
      /^\d+ +((\w+)\(([^,]*).*) = (-?\d+)[^=]*$/.exec(line) ?? [];
    if (text === "") return [];
    const nth = (counts.get(syscall) ?? 0) + 1;
    counts.set(syscall, nth);
    if (text.includes("O_TMPFILE")) drafts.add(result);
    const isDraft = syscall === "write" && drafts.has(target);
    return Number(result) < 0 || isDraft || !isChange(syscall, text) ? [] : [{ syscall, nth, text }];
  });
}

function isChange(syscall: string, text: string): boolean {
  if (syscall === "openat") return text.includes("O_TRUNC");
  if (syscall === "write") return !text.startsWith("write(2,");
  return syscall !== "sendto" || !isQuestion(text);
}

/** Inside another network namespace strace cannot tell the protocol, and prints the number of the type. */
function isQuestion(text: string): boolean {
  const [, type = ""] = /nlmsg_type=(\S+?),? /.exec(text) ?? [];
  if (type.startsWith("0x")) return (Number(type) & KIND) === GET;
  return type.includes("_GET");
}
