/** Keys that a JSON object has twice: JSON.parse keeps the last and says nothing. */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

interface Level {
  /** Name of the field that the object or list stands under; empty for items of lists. */
  readonly name: string;
  readonly keys: Set<string> | undefined;
}

/** The keys given twice in any object that is the value of a field `name`; `text` is known to be JSON. */
export function duplicateKeys(text: string, name: string): string[] {
  const levels: Level[] = [];
  const found: string[] = [];
  let last = ""; // the last string, which is a key if a colon follows
  let field = "";
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === "{" || token === "[") {
      levels.push({ name: field, keys: token === "{" ? new Set() : undefined });
      field = "";
    } else if (token === "}" || token === "]") levels.pop();
    else if (token === ",") field = "";
    else if (token !== ":") last = token;
    else {
      field = String(JSON.parse(last)).toLowerCase();
      const key = String(JSON.parse(last));
      if (level?.name === name && level.keys?.has(key)) found.push(key);
      level?.keys?.add(key);
    }
  }
  return found;
}
