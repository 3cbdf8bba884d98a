/** Labels of tiers and endpoints: pairs of texts, as in Kubernetes. */

import type { Fields } from "../../json/fields.ts";
import { isLabel, isLabelKey, WANT_LABEL, WANT_LABEL_KEY } from "../name.ts";
import { plainText, textsField } from "./forms.ts";

const FORMS = {
  key: plainText(isLabelKey, WANT_LABEL_KEY),
  value: plainText((text) => text === "" || isLabel(text), `nothing or ${WANT_LABEL}`),
};

/** The member "labels"; undefined where it is absent. @throws {InvalidFile} */
export function decodeLabels(fields: Fields): Readonly<Record<string, string>> | undefined {
  return textsField(fields, "labels", FORMS);
}
