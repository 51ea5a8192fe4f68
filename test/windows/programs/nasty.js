// A server with descendants that leave it in all the ways Windows has, or those in its arguments. Their pids go to nasty.json.
const { spawn, spawnSync } = require("node:child_process");
const { writeFileSync } = require("node:fs");
const koffi = require("C:/devlatch/node_modules/koffi");

const [detachedProcess, newConsole, breakaway] = [0x08, 0x10, 0x0100_0000];
const deaf =
  "for (const one of ['SIGINT', 'SIGBREAK']) process.on(one, () => {}); setInterval(() => {}, 1000)";

/** By CreateProcessW, with flags that Node doesn't have. */
function create(flags) {
  const call = koffi
    .load("kernel32.dll")
    .func("int CreateProcessW(str16, void *, void *, void *, int, uint32, void *, str16, void *, void *)");
  const line = Buffer.from(`"${process.execPath}" -e "${deaf}"\0`, "utf16le");
  const startup = Buffer.alloc(104);
  startup.writeUInt32LE(104);
  const made = Buffer.alloc(24);
  if (!call(null, line, null, null, 0, flags, null, null, startup, made))
    throw new Error(`no process with ${flags}`);
  return made.readUInt32LE(16);
}

/** One whose parent has ended, with none of our variables. */
function orphan() {
  const options = JSON.stringify({
    detached: true,
    stdio: "ignore",
    env: { SystemRoot: process.env.SystemRoot },
  });
  const middle = `
    const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(deaf)}], ${options});
    process.stdout.write(String(child.pid));
    child.unref()`;
  const { stdout } = spawnSync(process.execPath, ["-e", middle]);
  return Number(stdout);
}

function detached() {
  const own = spawn(process.execPath, ["-e", deaf], { detached: true, stdio: "ignore" });
  own.unref();
  return own.pid;
}

const ways = {
  detached,
  withoutConsole: () => create(detachedProcess),
  newConsole: () => create(newConsole),
  breakaway: () => create(breakaway),
  orphan,
};
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(ways);
writeFileSync("nasty.json", JSON.stringify(wanted.map((way) => ways[way]())));
process.on("SIGINT", () => {});
process.on("SIGBREAK", () => {});
require("node:http")
  .createServer((_request, answer) => answer.end("nasty\n"))
  .listen(process.env.PORT, "127.0.0.1");
