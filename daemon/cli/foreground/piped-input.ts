import { StringDecoder } from "node:string_decoder";

/** Most that one request takes, in characters. */
const mostAtOnce = 100;

/**
 * Hands on what comes through a pipe, piece by piece, each once the one before was taken: a pipe that is written to faster
 * waits. Its end means nothing: what stands in a script often has no input at all. Ends with what it reads, or with the
 * first piece that isn't taken.
 * @param take gets at most 100 characters
 */
export async function handOn(
  input: AsyncIterable<Buffer | string>,
  take: (text: string) => Promise<unknown>,
): Promise<void> {
  const decoder = new StringDecoder("utf8");
  try {
    for await (const bytes of input)
      for (const piece of piecesOf(decoder.write(Buffer.from(bytes)))) await take(piece);
  } catch {
    // Input that nothing takes, or that can't be read, is no reason to end.
  }
}

/** No character is cut in two. */
function piecesOf(text: string): readonly string[] {
  return text.match(new RegExp(`[\\s\\S]{1,${mostAtOnce - 1}}(?![\\udc00-\\udfff])|[\\s\\S]`, "g")) ?? [];
}
