import { existsSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../child.ts";
import { cachedFolder } from "./cached-folder.ts";
import { needPackages } from "./debian.ts";
import { MissingPrerequisite } from "./report.ts";

const version = "5.2.17";
/** Where Debian puts it, for its own Python alone. */
const ofDebian = "/usr/lib/python3/dist-packages/django";

/** Variables with which `python3` finds Django: from Python's registry, else Debian's. */
export type DjangoEnvironment = Readonly<Record<string, string>>;

/** @throws MissingPrerequisite where neither can be had */
export async function needDjango(): Promise<DjangoEnvironment> {
  return (await ofRegistry()) ?? (await debians());
}

/** @returns undefined where this Python has no pip, or pip doesn't get it */
async function ofRegistry(): Promise<DjangoEnvironment | undefined> {
  try {
    const folder = await cachedFolder({
      name: `django-${version}`,
      what: `Django ${version} with pip`,
      timeoutMs: 5 * 60_000,
      make: install,
    });
    return { PYTHONPATH: join(folder, "packages") };
  } catch (error) {
    if (error instanceof MissingPrerequisite) return undefined;
    throw error;
  }
}

async function install(directory: string): Promise<void> {
  const args = ["-m", "pip", "install", "--quiet", "--target", join(directory, "packages")];
  const env = { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_ROOT_USER_ACTION: "ignore" };
  const options = { env, timeoutMs: 5 * 60_000 };
  const { code, stderr } = await runProgram("python3", [...args, `django==${version}`], options);
  if (code !== 0) throw new MissingPrerequisite(stderr.trimEnd().split("\n").slice(-5).join("\n"));
}

async function debians(): Promise<DjangoEnvironment> {
  await needPackages([{ name: "python3-django", present: () => existsSync(ofDebian) }]);
  return { PATH: `/usr/bin:${process.env["PATH"] ?? ""}` };
}
