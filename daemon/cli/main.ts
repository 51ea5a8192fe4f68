#!/usr/bin/env node
// The first thing that runs: everything else is loaded only on a runtime that can run it. Plain syntax on purpose,
// so that a runtime far too old still gets as far as the message.
const needed = [22, 13];
const found = process.versions.node.split(".").map(Number);

if (isTooOld()) refuse();
else void begin();

/** With what V8 made of this program before, where the daemon has made a place for that. */
async function begin(): Promise<void> {
  const [{ existsSync }, { enableCompileCache }, { locateHome }, { faultOf }] = await Promise.all([
    import("node:fs"),
    import("node:module"),
    import("../../shared/client/home.ts"),
    import("../../shared/base/believed-path.ts"),
  ]);
  const { cacheDirectory } = locateHome();
  // What is in there runs as this user. A verb that needs a home that isn't believed says what is wrong with it.
  const isBelieved = existsSync(cacheDirectory) && faultOf(cacheDirectory, "directory") === undefined;
  if (isBelieved) enableCompileCache(cacheDirectory);
  const cli = await import("./run.ts");
  await cli.main();
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
