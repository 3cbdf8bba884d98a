/** What the codec throws for bytes that are not what the table says; never anything else. */

export class DecodeError extends Error {
  override readonly name = "DecodeError";
  /** Names from the outermost attribute inwards: ["IFLA_LINKINFO", "IFLA_INFO_DATA", "IFLA_VLAN_ID"]. */
  readonly path: readonly string[];
  readonly problem: string;

  constructor(problem: string, path: readonly string[] = []) {
    super(path.length === 0 ? problem : `${path.join("/")}: ${problem}`);
    this.path = path;
    this.problem = problem;
  }

  /** The same error seen from the attribute or message around it. */
  within(name: string): DecodeError {
    return new DecodeError(this.problem, [name, ...this.path]);
  }
}
