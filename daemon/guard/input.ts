/** Longest call that is read, in bytes; a longer one passes unread. */
export const longestInput = 1_000_000;

/** All of standard input; undefined where it is longer than a call may be. */
export async function readInput(): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    // Read to its end all the same: a client whose pipe breaks may take that for a failure.
    if (length <= longestInput) chunks.push(bytes);
  }
  return length <= longestInput ? Buffer.concat(chunks).toString("utf8") : undefined;
}
