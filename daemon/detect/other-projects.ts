import { join } from "node:path";
import { denoTasks } from "./deno-tasks.ts";
import type { Packages } from "./packages.ts";
import { readProcfile } from "./procfile.ts";
import { splitCommandLine } from "./shell-list.ts";
import { readTextFile } from "./text-file.ts";

/**
 * The command that develops the project of a directory without a `package.json`, told by the files that its language's
 * tools themselves go by. Only names and short texts are looked at.
 * @returns undefined where no such file is there
 */
export async function otherCommand(
  packages: Packages,
  directory: string,
): Promise<readonly string[] | undefined> {
  const has = (name: string) => packages.files.has(join(directory, name));
  for (const file of ["Procfile.dev", "Procfile"]) {
    const web = (await readProcfile(packages, join(directory, file))).find(({ name }) => name === "web");
    if (web) return procfileCommand(web.line);
  }
  const tasks = await denoTasks(packages, directory);
  const task = ["dev", "start", "serve"].find((name) => tasks.has(name));
  if (task !== undefined) return ["deno", "task", task];
  if (await has("manage.py")) return [...(await pythonOf(has)), "manage.py", "runserver"];
  if (await has("artisan")) return ["php", "artisan", "serve"];
  if (await has("bin/rails")) return ["bin/rails", "server"];
  if (await has(".air.toml")) return ["air"];
  return pythonServer(packages, directory, has);
}

type Has = (name: string) => Promise<boolean>;

/** FastAPI and Flask have no file of their own: a dependency, and a module where their tools look for the app. */
async function pythonServer(
  packages: Packages,
  directory: string,
  has: Has,
): Promise<readonly string[] | undefined> {
  const depends = await pythonDependencies(packages, directory);
  if (depends === "") return undefined;
  const within = async (...names: string[]) => (await Promise.all(names.map(has))).includes(true);
  const python = await pythonOf(has);
  if (/\bfastapi\b/i.test(depends) && (await within("main.py", "app.py", "api.py", "app/main.py")))
    return [...python, "-m", "fastapi", "dev"];
  if (/\bflask\b/i.test(depends) && (await within("app.py", "wsgi.py")))
    return [...python, "-m", "flask", "run"];
  return undefined;
}

async function pythonDependencies(packages: Packages, directory: string): Promise<string> {
  const texts: string[] = [];
  for (const name of ["pyproject.toml", "requirements.txt", "Pipfile"]) {
    const file = join(directory, name);
    if (!(await packages.files.believed.has(file))) continue;
    const read = await readTextFile(file);
    if (read.kind === "text") texts.push(read.text.replace(/#.*$/gm, ""));
  }
  return texts.join("\n");
}

/** The interpreter that has the project's packages: of its own environment, else by its package manager. */
async function pythonOf(has: Has): Promise<readonly string[]> {
  for (const path of [
    ".venv/bin/python",
    "venv/bin/python",
    ".venv/Scripts/python.exe",
    "venv/Scripts/python.exe",
  ])
    if (await has(path)) return [path];
  if (await has("uv.lock")) return ["uv", "run", "python"];
  if (await has("poetry.lock")) return ["poetry", "run", "python"];
  if (await has("Pipfile")) return ["pipenv", "run", "python"];
  return [process.platform === "win32" ? "python" : "python3"];
}

/** A Procfile's processes are promised a port in `PORT`. */
function procfileCommand(line: string): readonly string[] {
  const ported = line.replace(/\$(?:PORT\b|\{PORT(?::-\d+)?\})/g, "{port}");
  const split = splitCommandLine(ported);
  const hasVariables = split.kind === "words" && Object.keys(split.env).length > 0;
  return split.kind === "words" && !hasVariables ? split.words : ["sh", "-c", ported];
}
