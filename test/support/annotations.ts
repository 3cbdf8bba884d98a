/** Pod annotations as containerd hands them to a plugin that declares the capability. */

const CAPABILITY = "io.kubernetes.cri.pod-annotations";

/** Fields of a configuration whose pod has these annotations; text as it is, anything else as JSON. */
export function annotated(annotations: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(annotations).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return { runtimeConfig: { [CAPABILITY]: Object.fromEntries(entries) } };
}

/** Annotations `diamanti.com/endpoint0`, `diamanti.com/endpoint1`, … in that order. */
export function endpoints(...values: readonly unknown[]) {
  return annotated(
    Object.fromEntries(values.map((value, index) => [`diamanti.com/endpoint${index}`, value])),
  );
}
