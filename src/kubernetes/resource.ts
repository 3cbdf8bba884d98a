/** Paths of the API. */

export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** `nodenetworks`, `pods`. */
  readonly plural: string;
}

export interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** `status`, `token`. */
  readonly subresource?: string | undefined;
}

/** `/apis/podwire.io/v1alpha1/nodenetworks/node-1/status`; without a name that of the collection. */
export function pathOf({ group, version, plural }: Resource, place: Place = {}): string {
  const { namespace, name, subresource } = place;
  const parts = [
    ...(group === "" ? ["api"] : ["apis", group]),
    version,
    ...(namespace === undefined ? [] : ["namespaces", namespace]),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return `/${parts.map(encodeURIComponent).join("/")}`;
}
