/**
 * Tries what Devlatch needs of the system, and prints it as `Abilities` in JSON, for the doctor: with or without a daemon,
 * in a process that may fail.
 * Argument: the home.
 */
import { existsSync } from "node:fs";
import type { Abilities } from "../../../shared/model/abilities.ts";
import { loadLibC } from "../../processes/libc.ts";
import { queryListeningSockets } from "../../processes/sock-diag.ts";
import { becomeSubreaper } from "../../processes/subreaper.ts";
import { loadTerminals, openTerminal } from "../terminal.ts";
import { readSystem } from "./system.ts";

/** The end of what went wrong, where it is long, in characters. */
const longestReason = 1_000;

/** By opening one, with a command that ends at once. */
async function terminalFailure(): Promise<Pick<Abilities, "terminalFailure" | "terminalMissing">> {
  const terminals = await loadTerminals().catch((error: unknown) => shortReason(error));
  if (typeof terminals === "string") return { terminalMissing: terminals };
  const args = ["--version"];
  const env = { ELECTRON_RUN_AS_NODE: "1" };
  const command = { file: process.execPath, args, cwd: "/", env, columns: 80, rows: 24 };
  try {
    await openTerminal(terminals, command, () => {}).ended;
    return {};
  } catch (error) {
    return { terminalFailure: shortReason(error) };
  }
}

function shortReason(error: unknown): string {
  return reasonOf(error).slice(0, longestReason);
}

/** The system's own words are in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [line = ""] = error.message.split("\n");
  return error.cause === undefined ? line : `${line} (${reasonOf(error.cause)})`;
}

async function listeners(): Promise<Abilities["listeners"]> {
  if (process.platform !== "linux") return "tools";
  if ((await queryListeningSockets()) !== undefined) return "kernel";
  return existsSync("/proc/net/tcp") ? "files" : "none";
}

const [home = "/"] = process.argv.slice(2);
const abilities: Abilities = {
  ...(await terminalFailure()),
  nativeCalls: process.platform !== "linux" || (await loadLibC()) !== undefined,
  // Last of what starts processes: this one is one of those that get them back then.
  orphansReturn: process.platform !== "linux" || (await becomeSubreaper(() => true)) !== undefined,
  listeners: await listeners(),
  processes: process.platform !== "linux" || existsSync(`/proc/${process.pid}/stat`),
  ...readSystem(home),
};
process.stdout.write(JSON.stringify(abilities), () => process.exit(0));
