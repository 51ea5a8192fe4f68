import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { cp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../support/child.ts";
import { createHome } from "../support/home.ts";
import { owning } from "../support/owner.ts";
import { casesCalled, runCases } from "./cases.ts";
import { prepareTemplate } from "./prepare.ts";
import { type Template, templates } from "./templates.ts";
import { type Step, Walk } from "./walk.ts";

/**
 * `npm run projects [-- NAME…]`: public templates, made by their own generators, through a developer's day, then the slow
 * cases of test/projects/cases. `cases` names all of these, a file's name one of them. It prints a table for
 * docs/projects.md; with packages from npm it takes an hour.
 */
const wanted = process.argv.slice(2);
const rows: string[] = [];
let failed = 0;
for (const template of templates) {
  if (wanted.length > 0 && !wanted.includes(template.name)) continue;
  console.log(template.name);
  const steps = await walk(template).catch((error: unknown): readonly Step[] => [
    { name: "made", ok: false, seen: String(error).slice(0, 400) },
  ]);
  const faults = steps.filter(({ ok }) => !ok);
  if (faults.length > 0) failed += 1;
  const ready = steps.find(({ name }) => name === "start")?.seen ?? "-";
  const words = faults.map(
    ({ name, seen }) => `${name}: ${seen.replaceAll("|", "\\|").replaceAll("\n", " ")}`,
  );
  rows.push(`| ${template.name} | ${ready} | ${faults.length === 0 ? "all right" : words.join("; ")} |`);
}
if (rows.length > 0)
  console.log(`\n| Template | Start | What happened |\n| --- | --- | --- |\n${rows.join("\n")}`);
const cases = casesCalled(wanted);
const isNothing = rows.length === 0 && cases.length === 0;
if (isNothing) console.error(`Neither a template nor a case is called ${wanted.join(" or ")}.`);
const casesPassed = cases.length === 0 || (await runCases(cases));
process.exitCode = isNothing ? 2 : failed === 0 && casesPassed ? 0 : 1;

function walk(template: Template): Promise<readonly Step[]> {
  return owning(async (owner) => {
    const made = await prepareTemplate(template);
    const parent = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-template-"));
    owner.after(() => rmSync(parent, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
    const [main, second] = [join(parent, "app"), join(parent, "second")];
    const home = createHome(owner);
    await copyTree(made, main);
    await makeRepository(main);
    await git(main, "worktree", "add", "--quiet", second);
    await copyTree(join(main, "node_modules"), join(second, "node_modules"));
    return new Walk(template, home, main, second).take();
  });
}

async function makeRepository(directory: string): Promise<void> {
  await git(directory, "init", "--quiet");
  await writeFile(join(directory, ".git/info/exclude"), "node_modules\n");
  await git(directory, "add", "--all");
  await git(
    directory,
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@localhost",
    "commit",
    "--quiet",
    "--allow-empty",
    "-m",
    "As generated",
  );
}

async function git(cwd: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await runProgram("git", args, { cwd });
  if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
}

/** Real copies: two checkouts must not write into each other's caches. */
function copyTree(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, verbatimSymlinks: true });
}
