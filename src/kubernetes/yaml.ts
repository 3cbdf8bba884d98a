/** YAML, loaded only by what reads some. */

export { parse as parseYaml } from "yaml";
