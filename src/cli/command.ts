/** A command as one value beside its code: the parser, the help, the manual page and completion read it. */

/** `Options` and `Args` say what the parser makes of `options` and `arguments`; nothing checks that they agree. */
export interface Command<
  Options extends object = object,
  Args extends readonly unknown[] = readonly unknown[],
> {
  readonly name: string;
  /** Half a line for lists of commands. */
  readonly summary: string;
  /** Paragraphs, each one line however long; a paragraph that begins with a blank is a table, whose lines are kept. */
  readonly description: readonly string[];
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  readonly examples?: readonly Example[];
  readonly exitStatus?: ExitStatus;
  /** In the order of the help. */
  readonly subcommands?: readonly Command[];
  /** In no list of commands. */
  readonly isHidden?: true;
  /** Loads the code, so that no command waits for that of another; undefined for a group. */
  run?(call: Call<Options, Args>): void | Promise<void>;
}

export interface Argument {
  /** `<name>`, `[name]` where it may be left out, `[names...]` for any number. */
  readonly term: string;
  readonly values: Values;
  /** Shown where it says more than the term. */
  readonly description?: string;
}

export type Option = Flag | ValueOption;

interface Flag {
  /** Like `-n, --network`. */
  readonly flags: string;
  readonly description: string;
  readonly value?: undefined;
}

export interface ValueOption extends Omit<Flag, "value"> {
  /** `<name>`, or `[name]` where it may be left out. */
  readonly value: string;
  readonly values: Values;
  /** A path is made absolute, a list has commas or is given again, what is repeated may have commas. */
  readonly reads?: "path" | "list" | "repeated";
  readonly fallback?: string | readonly string[];
  readonly isRequired?: true;
}

/** What can be given: these alone; or anything, of which completion offers these, or what a source has. */
export type Values = { readonly only: readonly string[] } | readonly string[] | Source;

/** Numbers and new names, of which nothing is offered; what the shell knows; what is on the node. */
export type Source = "anything" | "file" | "directory" | NodeSource;

/** Each is read when somebody completes it. */
export type NodeSource =
  | "addresses"
  | "addresses or attachments"
  | "attachments"
  | "containers"
  | "endpoints"
  | "held VFs"
  | "interfaces"
  | "interfaces of pods"
  | "namespaces"
  | "network groups"
  | "network types"
  | "networks"
  | "nodes"
  | "PFs"
  | "pods"
  | "pools"
  | "tiers"
  | "zones";

/** A command line, as many lines as it needs, and what it does where that is not plain. */
export type Example = readonly [line: string, meaning?: string];

/** By status; @see STATUS in failure.ts */
export type ExitStatus = Readonly<Partial<Record<0 | 1 | 2, string>>>;

/** What a command is run with. */
export interface Call<Options extends object = object, Args extends readonly unknown[] = readonly unknown[]> {
  /** In the order of the command's arguments, undefined where one is left out. */
  readonly args: Args;
  readonly options: Options & GlobalOptions;
  /** Takes the exit status; without a call it is 0. */
  finish(status: number): void;
}

/** Options of the whole program, before or after the command's name. */
export interface GlobalOptions {
  readonly configDir: string;
  /** Somebody has given it; otherwise it is the default. */
  readonly isConfigDirGiven: boolean;
}
