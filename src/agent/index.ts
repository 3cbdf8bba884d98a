/** The agent, as the command line starts it. */

export { runAgent } from "./agent.ts";
export { parseListen } from "./server.ts";
