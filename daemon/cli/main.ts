#!/usr/bin/env node
import { version } from "../../shared/base/version.ts";

// The first thing that runs: everything else is loaded only on a runtime that can run it. Plain syntax on purpose,
// so that a runtime far too old still gets as far as the message.
const needed = [22, 13];
const found = process.versions.node.split(".").map(Number);

// Servers inherit what is here: an editor's program that runs as Node is no reason for others to do so.
if (process.versions["electron"]) delete process.env["ELECTRON_RUN_AS_NODE"];

// Of a hook nothing but its answer may be seen: what fails lets the command pass.
if (isHook()) void (isTooOld() || import("../guard/main.ts").catch(() => {}));
else if (isTooOld()) refuse();
else if (asksForVersion()) showVersion();
else void import("./begin.ts");

function asksForVersion(): boolean {
  const words = process.argv.slice(2).filter((word) => word !== "--json");
  return words.length === 1 && (words[0] === "--version" || words[0] === "-V");
}

/** `devlatch guard`, with whatever else: only its help is for people. */
function isHook(): boolean {
  const words = process.argv.slice(2);
  return words[0] === "guard" && words.indexOf("--help") < 0 && words.indexOf("-h") < 0;
}

/** Scripts ask often, and nothing else has to be loaded for it. */
function showVersion(): void {
  const isJson = process.argv.indexOf("--json") >= 0;
  // A reader that went away is no failure.
  process.stdout.on("error", () => {});
  process.stdout.write(`${isJson ? JSON.stringify({ version: version }, null, 2) : version}\n`);
}

function isTooOld(): boolean {
  const major = found[0] || 0;
  const minor = found[1] || 0;
  return major < Number(needed[0]) || (major === needed[0] && minor < Number(needed[1]));
}

function refuse(): void {
  const message = `Devlatch needs Node ${needed.join(".")} or newer; this is Node ${process.versions.node}.`;
  const remedy =
    "Install a newer Node (https://nodejs.org). In Devlatch's own repository: npm ci, then npx devlatch …";
  process.exitCode = 2;
  if (process.argv.indexOf("--json") < 0) {
    process.stderr.write(`devlatch: ${message}\n  ${remedy}\n`);
    return;
  }
  const error = { code: "RUNTIME_TOO_OLD", message: message, remedy: remedy };
  process.stdout.write(`${JSON.stringify({ error: error }, null, 2)}\n`);
}
