import { answerTo, readCall } from "./call.ts";
import { firstLook } from "./first-look.ts";
import { readInput } from "./input.ts";

/** How long all of it may take, in milliseconds: an agent waits. */
const patienceMs = 8_000;

// Loaded by the command line's main.ts for `devlatch guard`. Small: most calls are none of Devlatch's business, and what
// answers the others is loaded for them alone.
setTimeout(() => process.exit(0), patienceMs);
process.on("uncaughtException", () => process.exit(0));
answer().then(
  () => process.exit(0),
  () => process.exit(0),
);

/** Reads one call of a hook and answers it; whatever goes wrong, nothing is said, and the command passes. */
async function answer(): Promise<void> {
  const call = readCall(await readInput());
  if (call === undefined || isOff(process.env["DEVLATCH_GUARD"])) return;
  const look = firstLook(call.command);
  if (!look.kills && !look.starts) return;
  const { reasonAgainst } = await import("./answering.ts");
  const reason = await reasonAgainst(call, look);
  if (reason === undefined) return;
  process.stdout.on("error", () => process.exit(0));
  const written = Promise.withResolvers<void>();
  process.stdout.write(`${JSON.stringify(answerTo(call.dialect, reason))}\n`, () => written.resolve());
  await written.promise;
}

function isOff(value: string | undefined): boolean {
  return ["off", "0", "false", "no"].includes(value?.toLowerCase() ?? "");
}
