/** Mounts of this process: what file system a path is on, and with which options. */

import { readTextFile } from "../../../../linux/file.ts";

export interface Mount {
  readonly target: string;
  /** "tmpfs", "ext4" */
  readonly type: string;
  /** Of the mount and of its file system: "ro", "noexec". */
  readonly options: readonly string[];
}

export function readMounts(): Mount[] {
  return parseMounts(readTextFile("/proc/self/mountinfo"));
}

/** @see proc_pid_mountinfo(5): optional fields end with a lone hyphen; blanks and such are octal */
export function parseMounts(text: string): Mount[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [own = "", others = ""] = line.split(" - ");
      const [, , , , target = "", options = ""] = own.split(" ");
      const [type = "", , superOptions = ""] = others.split(" ");
      return {
        target: unescapeOctal(target),
        type,
        options: [...options.split(","), ...superOptions.split(",")],
      };
    });
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_whole, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** The last one that is mounted at the longest part of the path: it covers those before. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  const covers = ({ target }: Mount) => target === "/" || path === target || path.startsWith(`${target}/`);
  return mounts
    .filter(covers)
    .reduce<Mount | undefined>(
      (best, mount) => (best === undefined || mount.target.length >= best.target.length ? mount : best),
      undefined,
    );
}
