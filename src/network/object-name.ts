/** The names that an object bears in its file and in its file's name. */

import { type Fields, fault, plainText, textMember } from "./document.ts";
import { isName, WANT_NAME } from "./name.ts";

/** Members that every object may have: for editors, and for people who move files. */
export const OBJECT_KEYS = ["$schema", "name"];

/** @throws {InvalidFile} `name`, from the file's name, cannot be one; or the member says something else */
export function decodeObjectName(fields: Fields, key: string, name: string): void {
  if (!isName(name))
    throw fault(fields, key, `"${name}", as the file is called, is no name: want ${WANT_NAME}`);
  const said = textMember(
    fields,
    key,
    plainText(() => true, `"${name}"`),
  );
  if (said !== undefined && said !== name)
    throw fault(fields, key, `"${said}" is not as the file is called, "${name}"`);
}
