/** The names that an object bears in its file and in its file's name. */

import type { Fields } from "../../json/fields.ts";
import { faultAt } from "../../json/located.ts";
import { isName, WANT_NAME } from "../name.ts";
import { plainText, textField } from "./forms.ts";

/** Members that every object may have: for editors, and for people who move files. */
export const OBJECT_KEYS = ["$schema", "name"];

/** @throws {InvalidFile} `name`, from the file's name, cannot be one; or the member says something else */
export function decodeObjectName(fields: Fields, key: string, name: string): void {
  if (!isName(name))
    throw faultAt(fields, key, `"${name}", as the file is called, is no name: want ${WANT_NAME}`);
  const said = textField(
    fields,
    key,
    plainText(() => true, `"${name}"`),
  );
  if (said !== undefined && said !== name)
    throw faultAt(fields, key, `"${said}" is not as the file is called, "${name}"`);
}
