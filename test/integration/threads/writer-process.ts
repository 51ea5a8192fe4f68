/**
 * A process that appends numbered lines to a thread, in pieces of random size, until it is killed or has written
 * `count` lines. Arguments: file, first number, count. Says `<number>` for what is committed.
 */
import { ThreadWriter } from "../../../daemon/threads/writer.ts";

const [file = "", first = "1", count = "1000"] = process.argv.slice(2);
const writer = ThreadWriter.open(file, { onProblem: (problem) => console.error(problem) });
const last = Number(first) + Number(count) - 1;
let number = Number(first);
let carried = "";

while (number <= last) {
  let text = carried;
  for (let lines = 1 + Math.floor(Math.random() * 200); lines > 0 && number <= last; lines--)
    text += `line ${number++}\r\n`;
  // The end of a piece falls anywhere, also inside a line.
  const cut = number > last ? text.length : Math.floor(Math.random() * text.length);
  carried = text.slice(cut);
  if (!writer.append(Buffer.from(text.slice(0, cut))))
    await new Promise<void>((resolve) => writer.onDrained(resolve));
  else await new Promise(setImmediate);
}
writer.close();
