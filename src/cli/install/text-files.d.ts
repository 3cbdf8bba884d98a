/** Configuration lists are built into the executable as text. */

declare module "*.conflist" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: what an import with { type: "text" } gives
  export default text;
}
