/** resolv.conf(5) as name server settings of a result. */

export interface ResolverSettings {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/** Reads the four directives that a result can carry; comments and others are passed over. */
export function parseResolvConf(text: string): ResolverSettings {
  const lines = text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length > 1);
  const valuesOf = (directive: string) =>
    lines.filter(([first]) => first === directive).map((words) => words.slice(1));
  const nameservers = valuesOf("nameserver").flatMap(([server]) => server ?? []);
  const domain = valuesOf("domain").at(-1)?.[0];
  const search = valuesOf("search").flat();
  const options = valuesOf("options").flat();
  return {
    ...(nameservers.length > 0 ? { nameservers } : {}),
    ...(domain === undefined ? {} : { domain }),
    ...(search.length > 0 ? { search } : {}),
    ...(options.length > 0 ? { options } : {}),
  };
}
