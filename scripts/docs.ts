/**
 * Makes the tables of docs/configuration.md from the texts beside the fields: of the plugin's configuration in src/cni,
 * of networks, tiers and endpoints in conf/schema. With --check it only says what differs.
 */

import { readFileSync, writeFileSync } from "node:fs";

const PAGE = "docs/configuration.md";
const SOURCES = ["netconf", "parts", "runtime-config"].map((name) => `src/cni/document/${name}.ts`);

interface Field {
  readonly name: string;
  readonly type: string;
  /** Empty for none. */
  readonly fallback: string;
  readonly meaning: string;
}

/** Fields of its own, and the interfaces whose fields it has too. */
interface Shape {
  readonly bases: readonly string[];
  readonly fields: readonly Field[];
}

/** How the names of text types are written in the tables. */
const WORDS: Readonly<Record<string, string>> = {
  AddressText: "address",
  PrefixText: "prefix",
  PathText: "path",
  MacText: "MAC address",
  unknown: "any",
};

const shapes = new Map(SOURCES.flatMap((path) => [...shapesIn(readFileSync(path, "utf8"))]));
const page = readFileSync(PAGE, "utf8");
const wanted = page.replaceAll(
  /(<!-- (fields|schema): ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
  (_whole, start: string, kind: string, name: string, end: string) =>
    `${start}${(kind === "fields" ? tableOf(name) : schemaTable(name)).join("\n")}\n${end}`,
);
const faults = [...unreadFields(), ...untoldShapes()];
for (const fault of faults) console.error(fault);
if (process.argv.includes("--check")) {
  if (page !== wanted) console.error(`${PAGE}: its tables are not what scripts/bun scripts/docs.ts makes`);
  if (page !== wanted || faults.length > 0) process.exit(1);
} else {
  writeFileSync(PAGE, wanted);
}

/** Reads what Biome has formatted: a member or an interface, each with its text above it. */
function shapesIn(source: string): [string, Shape][] {
  const pattern = /^export interface (\w+)(?: extends ([\w, ]+))? \{\n([\s\S]*?)^\}/gm;
  return [...source.matchAll(pattern)].map(([, name = "", bases = "", body = ""]) => [
    name,
    { bases: bases.split(", ").filter((base) => base !== ""), fields: fieldsIn(body) },
  ]);
}

function fieldsIn(body: string): Field[] {
  const members = body.matchAll(/\/\*\*([\s\S]*?)\*\/\s+readonly "?([^"?]+)"?\?: ([^;]+);/g);
  return [...members].map(([, text = "", name = "", type = ""]) => {
    const words = text.replaceAll(/\s*\n\s*\* ?/g, " ").trim();
    const [meaning = "", fallback = ""] = words.split(/\s*@default /);
    return { name, type: describeType(type), fallback, meaning };
  });
}

function describeType(type: string): string {
  if (type.startsWith("readonly (")) return "list of lists";
  if (type.startsWith("readonly ")) return "list";
  return WORDS[type] ?? (/^[a-z]/.test(type) ? type : "object");
}

/** With those of the interfaces that it extends. */
function allFields(name: string): readonly Field[] {
  const shape = shapes.get(name);
  if (shape === undefined) throw new Error(`${PAGE}: no interface ${name} in ${SOURCES.join(", ")}`);
  return [...shape.fields, ...shape.bases.flatMap(allFields)];
}

function tableOf(name: string): string[] {
  return toTable(allFields(name));
}

function toTable(fields: readonly Field[]): string[] {
  const rows = fields.map(({ name, type, fallback, meaning }) => [
    `\`${name}\``,
    type,
    fallback,
    meaning.replace(/\.$/, "").replaceAll("|", "\\|"),
  ]);
  return [["field", "type", "default", "meaning"], ["---", "---", "---", "---"], ...rows].map(
    (cells) => `| ${cells.join(" | ")} |`,
  );
}

/** A documented field that no code names. */
function unreadFields(): string[] {
  const code = [...new Bun.Glob("src/**/*.ts").scanSync(".")]
    .filter((path) => !SOURCES.includes(path))
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
  return [...shapes].flatMap(([shape, { fields }]) =>
    fields
      .filter(({ name }) => !code.includes(`"${name}"`))
      .map(({ name }) => `${shape}.${name}: is documented, and nothing in src reads "${name}"`),
  );
}

/** An interface that the page shows nowhere: neither itself nor one that extends it. */
function untoldShapes(): string[] {
  const told = new Set(
    [...page.matchAll(/<!-- fields: (\w+) -->/g)].flatMap(([, name = ""]) => withBases(name)),
  );
  return [...shapes.keys()]
    .filter((name) => !told.has(name))
    .map((name) => `${PAGE}: shows no table of ${name}`);
}

function withBases(name: string): string[] {
  return [name, ...(shapes.get(name)?.bases ?? []).flatMap(withBases)];
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

function schemaTable(name: string): string[] {
  const root: Schema = JSON.parse(readFileSync(`conf/schema/${name}.schema.json`, "utf8"));
  return toTable(schemaFields(root, root, ""));
}

/** Every member with those inside it, each once: the kinds of `attach` share theirs. */
function schemaFields(root: Schema, schema: Schema, prefix: string): Field[] {
  const members = Object.entries(schema.properties ?? {}).filter(([name]) => name !== "$schema");
  const all = members.flatMap(([name, member]) => {
    const [meaning = "", fallback = ""] = (member.description ?? "").split(/ Default: /);
    const own = {
      name: prefix + name,
      type: schemaType(root, member),
      fallback: fallback.replace(/\.$/, ""),
      meaning,
    };
    const inner = [
      resolveRef(root, member.items ?? {}),
      ...(member.oneOf ?? []).map((one) => resolveRef(root, one)),
    ];
    const below = inner.flatMap((one) =>
      schemaFields(root, one, `${prefix}${name}${member.items ? "[]" : ""}.`),
    );
    return [
      own,
      ...kindRow(inner, `${prefix}${name}.kind`),
      ...below.filter((field) => !field.name.endsWith(".kind")),
    ];
  });
  return all.filter((field, index) => all.findIndex(({ name }) => name === field.name) === index);
}

/** The member that tells kinds apart, with what each of them is. */
function kindRow(kinds: readonly Schema[], name: string): Field[] {
  const rows = kinds.flatMap((kind) => {
    const value = kind.properties?.kind?.const;
    return value === undefined ? [] : [`\`${value}\`: ${(kind.description ?? "").replace(/\.$/, "")}`];
  });
  return rows.length === 0 ? [] : [{ name, type: "text", fallback: "", meaning: rows.join("; ") }];
}

function resolveRef(root: Schema, schema: Schema): Schema {
  const name = schema.$ref?.slice("#/$defs/".length);
  return name === undefined ? schema : (root.$defs?.[name] ?? {});
}

function schemaType(root: Schema, schema: Schema): string {
  if (schema.oneOf !== undefined || schema.type === "object") return "object";
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.type === "array") return "list";
  const type = resolveRef(root, schema).type ?? "text";
  return { string: "text", integer: "number", number: "number" }[type] ?? type;
}
