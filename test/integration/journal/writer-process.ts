/**
 * A process that appends numbered events to a journal, a few at a time, until it is killed, gets SIGTERM or has written
 * `count`.
 * Arguments: file, name, count. Says `<number>` a line once that and all before are committed.
 */
import { Journal } from "../../../daemon/journal/journal.ts";

const [file = "", name = "", count = "1000"] = process.argv.slice(2);
const journal = new Journal(file, { onProblem: (problem) => console.error(problem) });

let ending = false;
process.on("SIGTERM", () => {
  ending = true;
});

for (let number = 1; number <= Number(count) && !ending; ) {
  for (let some = 1 + Math.floor(Math.random() * 10); some > 0 && number <= Number(count); some--) {
    journal.append({
      ...{ kind: "signal", by: name, signal: "SIGTERM" },
      process: { pid: number++, startTime: "boot:1", command: "x" },
    });
  }
  while (!journal.flush()) await new Promise((resolve) => setTimeout(resolve, 10));
  process.stdout.write(`${number - 1}\n`);
  await new Promise(setImmediate);
}
journal.dispose();
