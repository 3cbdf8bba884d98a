/** What another process has said so far. */

/** Resolves when the stream has given `text`; reads on after it. */
export function hasPrinted(stream: NodeJS.ReadableStream, text: string): Promise<void> {
  let seen = "";
  return new Promise((resolve) => {
    stream.on("data", (chunk) => {
      seen += String(chunk);
      if (seen.includes(text)) resolve();
    });
  });
}
