/** The scripts for shells are built into the executable as text. */

declare module "*.bash" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: what an import with { type: "text" } gives
  export default text;
}
declare module "*.zsh" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: what an import with { type: "text" } gives
  export default text;
}
declare module "*.fish" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: what an import with { type: "text" } gives
  export default text;
}
