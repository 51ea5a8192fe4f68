import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../support/child.ts";
import { commandLine } from "../../support/cli.ts";
import { createHome } from "../../support/home.ts";
import { type Owner, owning } from "../../support/owner.ts";
import { repository } from "../../support/paths.ts";
import { freePort } from "../../support/ports.ts";
import { installDependencies, prepareProject } from "../../support/projects.ts";
import { atMost, median, type Row, shown } from "../numbers.ts";
import { plain } from "./programs.ts";
import { scaled } from "./rounds.ts";

/** A command as a whole process. */
interface Command {
  readonly name: string;
  readonly words: readonly string[];
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  /** What it may take more than `node -e 0`, in milliseconds; absent where it is only shown. */
  readonly limitMs?: number;
  /** How many times as long as `node -e 0` it may take; absent where that is only shown. */
  readonly limitRatio?: number;
  /** What it reads from standard input. */
  readonly input?: string;
}

/** The command line on a running server, as whole processes, beside a Node that does nothing: by turns. */
export function commands(effort: number): Promise<Row[]> {
  return owning(async (owner) => {
    const ours = await openOurs(owner);
    const nothing = { name: "node -e 0", words: ["-e", "0"], env: ours[0]?.env ?? {} };
    const all = [nothing, ...ours, ...(await openPeers(owner))];
    const taken = new Map(all.map(({ name }) => [name, [] as number[]]));
    // One round more: the first fills the compile cache.
    for (let round = 0; round <= scaled(30, effort); round++)
      for (const command of all) {
        const elapsed = await timed(command);
        if (round > 0) taken.get(command.name)?.push(elapsed);
      }
    const bare = median(taken.get(nothing.name) ?? []);
    return all
      .filter((command) => command !== nothing)
      .flatMap((command) => rowsOf(command, median(taken.get(command.name) ?? []), bare));
  });
}

function rowsOf({ name, limitMs, limitRatio }: Command, whole: number, bare: number): Row[] {
  const what = `${name}, a whole process`;
  if (limitRatio !== undefined) return [atMost(what, "node -e 0", whole / bare, limitRatio)];
  const ratio = shown(what, "node -e 0", whole / bare);
  if (limitMs === undefined) return [ratio];
  return [atMost(`${what}, more`, `node -e 0: ${Math.round(bare)} ms`, whole - bare, limitMs, "ms"), ratio];
}

/** The commands, with a server that runs. */
async function openOurs(owner: Owner): Promise<Command[]> {
  const home = createHome(owner);
  const cwd = await prepareProject(plain.project, owner);
  const [env, app] = [home.env(plain.env), plain.app];
  const ours = (name: string, words: readonly string[], limitMs: number): Command => ({
    name: `devlatch ${name}`,
    words: [commandLine, ...words],
    cwd,
    env,
    limitMs,
  });
  const start = ["start", app];
  await timed(ours("start", [...start, "--port", String(await freePort())], 0));
  const guard = (about: string, command: string): Command => ({
    ...ours(`guard ${about}`, ["guard"], 150),
    input: JSON.stringify({ hook_event_name: "PreToolUse", tool_name: "Bash", cwd, tool_input: { command } }),
  });
  const { limitMs: _, ...elsewhere } = guard("on what is none of its business", "git status && npm test");
  return [
    ...[ours("--version", ["--version"], 25), ours("status", ["status"], 80), ours("start", start, 80)],
    { ...elsewhere, limitRatio: 1.5 },
    guard("on a start", "npm run dev"),
    guard("on a kill", "kill $(lsof -ti:9999)"),
  ];
}

/** What lists the servers of other managers. */
async function openPeers(owner: Owner): Promise<Command[]> {
  const peers = await installDependencies("stops-peers", join(repository, "test/bench/stops/peers"));
  if (peers === undefined) throw new Error("The peers' package.json names no dependencies.");
  const modules = join(peers, "node_modules");
  return [openPm2(modules, owner), await openPortless(modules, owner)];
}

/** With a home and a daemon of its own: pm2 reads where that is once a process. */
function openPm2(modules: string, owner: Owner): Command {
  const home = mkdtempSync(join(tmpdir(), "devlatch-pm2-list-"));
  const env = { ...process.env, PM2_HOME: home, PM2_DISCRETE_MODE: "true" };
  const program = join(modules, "pm2/bin/pm2");
  owner.after(async () => {
    await runProgram(process.execPath, [program, "kill"], { env });
    rmSync(home, { recursive: true, force: true });
  });
  return { name: "pm2 list", words: [program, "list"], env };
}

/** With one route, which it reads from a file: it asks no daemon. */
async function openPortless(modules: string, owner: Owner): Promise<Command> {
  const home = mkdtempSync(join(tmpdir(), "devlatch-portless-list-"));
  owner.after(() => rmSync(home, { recursive: true, force: true }));
  const env = { ...process.env, PORTLESS_STATE_DIR: home, PORTLESS_SYNC_HOSTS: "0" };
  const program = join(modules, "portless/dist/cli.js");
  await timed({ name: "portless alias", words: [program, "alias", "web", "3000"], env });
  return { name: "portless list", words: [program, "list"], env };
}

async function timed({ words, cwd, env, input }: Command): Promise<number> {
  const { code, stderr, elapsedMs } = await runProgram(process.execPath, words, {
    env,
    ...(cwd && { cwd }),
    ...(input && { input }),
  });
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${stderr}`);
  return elapsedMs;
}
