import { existsSync, fstatSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { enableOwnCache } from "../../shared/client/own-cache.ts";
import { answerTo, readCall } from "./call.ts";
import { firstLook } from "./first-look.ts";
import { readInput } from "./input.ts";
import { guardFile } from "./one-file.ts";

/** How long all of it may take, in milliseconds: an agent waits. */
const patienceMs = 8_000;
const [stdin, stderr] = [0, 2];

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
  if (isTyped()) return explain();
  const call = readCall(await readInput());
  if (call === undefined || isOff(process.env["DEVLATCH_GUARD"])) return;
  const look = firstLook(call.command);
  if (!look.kills && !look.starts) return;
  enableOwnCache();
  const { reasonAgainst } = await loadAnswering();
  const reason = await reasonAgainst(call, look);
  if (reason === undefined) return;
  process.stdout.on("error", () => process.exit(0));
  const written = Promise.withResolvers<void>();
  process.stdout.write(`${JSON.stringify(answerTo(call.dialect, reason))}\n`, () => written.resolve());
  await written.promise;
}

function loadAnswering(): Promise<typeof import("./answering.ts")> {
  const together = new URL(guardFile, import.meta.url);
  return existsSync(together) ? import(together.href) : import("./answering.ts");
}

/** Whether a person runs it at a terminal, where no call will come. */
function isTyped(): boolean {
  return fstatSync(stdin).isCharacterDevice() && isatty(stdin);
}

function explain(): void {
  const line =
    "devlatch guard is the hook of a coding agent, which hands it each command line. To set it up: devlatch init";
  writeSync(stderr, `${line}\n`);
}

function isOff(value: string | undefined): boolean {
  return ["off", "0", "false", "no"].includes(value?.toLowerCase() ?? "");
}
