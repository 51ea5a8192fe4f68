/**
 * A process that appends `count` lines `NAME NUMBER` to a thread, in pieces of random size, with events between them,
 * until it is killed or done. Arguments: file, name, count, seed, messages kept.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { defaultRetention } from "../../../daemon/threads/retention.ts";
import { ThreadWriter } from "../../../daemon/threads/writer.ts";
import { randomFrom } from "../../support/random.ts";

const [file = "", name = "", count = "", seed = "", kept = ""] = process.argv.slice(2);
const random = randomFrom(Number(seed));
const writer = ThreadWriter.open(file, { retention: { ...defaultRetention, messages: Number(kept) } });
for (let number = 1; number <= Number(count); ) {
  const until = Math.min(Number(count), number + Math.floor(random() * 40));
  if (random() < 0.1) writer.event(`${name} ${number++}`);
  else {
    let text = "";
    while (number <= until) text += `${name} ${number++}\n`;
    if (!writer.append(Buffer.from(text))) await new Promise<void>((resolve) => writer.onDrained(resolve));
  }
  // Some rest for a whole batch, so that transactions of different writers take turns.
  if (random() < 0.1) await new Promise((resolve) => setTimeout(resolve, 2));
  else await nextTurn();
}
writer.close();
