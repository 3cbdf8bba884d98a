/** A program that answers as a container runtime without the call that was made: `silent-runtime.ts SOCKET`. */

import { Server, ServerCredentials } from "@grpc/grpc-js";

const [socket = ""] = process.argv.slice(2);
new Server().bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
  console.log("ready");
});
