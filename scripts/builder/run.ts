/** Programs that a build runs beside each other. */

interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Runs it to its end; what it has to say goes to standard error. */
export async function run(command: readonly string[], options: Options = {}): Promise<void> {
  const child = Bun.spawn([...command], { ...options, stdio: ["ignore", "ignore", "inherit"] });
  const status = await child.exited;
  if (status !== 0) throw new Error(`exit ${child.signalCode ?? status}: ${command.join(" ")}`);
}

/** The results of all, or the first failure, once all have ended: nothing runs on after a build. */
export async function together<T extends readonly unknown[]>(
  ...tasks: { readonly [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  await Promise.allSettled(tasks);
  return (await Promise.all(tasks)) as unknown as T;
}
