/** Sections of a configuration are decoded when a verb first asks for them: DEL must not fail for a fault in another one. */

/** An object whose members are made by `makers` when they are first read, once each; what a maker throws is not kept. */
export function lazily<T extends object>(makers: { readonly [K in keyof T]: () => T[K] }): T {
  const made = {} as T; // `as`: each member is defined below
  for (const key of Object.keys(makers) as (keyof T)[]) {
    Object.defineProperty(made, key, {
      configurable: true,
      enumerable: true,
      get: () => {
        const value = makers[key]();
        Object.defineProperty(made, key, { value, enumerable: true });
        return value;
      },
    });
  }
  return made;
}
