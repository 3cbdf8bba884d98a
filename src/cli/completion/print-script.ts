/** `podwire completion`: the script that a shell completes podwire by. */

import type { Call } from "../command.ts";
import type { Shell } from "./command.ts";
import bash from "./podwire.bash" with { type: "text" };
import fish from "./podwire.fish" with { type: "text" };
import zsh from "./podwire.zsh" with { type: "text" };

const SCRIPTS: Readonly<Record<Shell, string>> = { bash, zsh, fish };

export function printScript({ args: [shell] }: Call<object, [shell: Shell]>): void {
  process.stdout.write(SCRIPTS[shell]);
}
