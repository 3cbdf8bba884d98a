/** Kinds whose pods share an interface of the node. */

import { required } from "../../../json/fields.ts";
import type { OnUplink } from "../../model.ts";
import { IFNAME, textField } from "../forms.ts";
import type { AttachKind, UplinkUse } from "./kind.ts";

/** `kind`: its name. */
export function onUplink<A extends OnUplink>(kind: A["kind"], uplinkUse: UplinkUse): AttachKind<A> {
  return {
    keys: ["uplink"],
    uplinkUse,
    hasHardwareTags: false,
    decode: (fields) =>
      ({ kind, uplink: required(fields, "uplink", textField(fields, "uplink", IFNAME)) }) as A, // `as`: all that it has
    encode: (attach) => attach,
    describe: ({ uplink }) => ({ interfaces: [uplink], vfs: "", driver: "" }),
  };
}
