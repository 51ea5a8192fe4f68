import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/**
 * Adds to a lockfile the optional platform packages that npm left out.
 *
 * npm drops an optional dependency from the lockfile when the registry in use doesn't have it (a mirror that lags
 * behind, for instance), and `npm ci` then refuses the whole lockfile: "Missing: @next/swc-darwin-arm64@ from lock
 * file". An entry with the platform it is for satisfies `npm ci`; it is fetched on that platform only.
 *
 * Run it after every `npm install`: `node test/support/install/complete-lockfile.ts package-lock.json …`
 */
interface LockEntry {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

interface Lockfile {
  packages: Record<string, LockEntry>;
}

const systems = [
  "darwin",
  "linux",
  "win32",
  "android",
  "freebsd",
  "openbsd",
  "netbsd",
  "sunos",
  "aix",
  "openharmony",
];
const processors = [
  "x64",
  "arm64",
  "ia32",
  "arm",
  "ppc64",
  "riscv64",
  "s390x",
  "loong64",
  "mips64el",
  "wasm32",
];

/** @returns the names of the packages added */
export function completeLockfile(file: string): string[] {
  const lock = JSON.parse(readFileSync(file, "utf8")) as Lockfile;
  const added = missingPlatforms(lock);
  for (const [path, entry] of added) lock.packages[path] = entry;
  if (added.length > 0) {
    const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
    lock.packages = Object.fromEntries(sorted);
    writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  }
  return added.map(([path]) => path);
}

/** The entries it lacks, by their path. */
export function missingPlatforms(lock: Lockfile): [string, LockEntry][] {
  return Object.entries(lock.packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !resolves(lock, parent, name))
      .map(([name, range]): [string, LockEntry] => [`node_modules/${name}`, placeholder(name, range)]),
  );
}

/** Whether `name` is found from `parent` the way Node looks for it: innermost node_modules first. */
function resolves(lock: Lockfile, parent: string, name: string): boolean {
  for (let at = parent; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (lock.packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === "") return false;
    if (!at.includes("/node_modules/")) at = "";
  }
}

function placeholder(name: string, range: string): LockEntry {
  const words = name.split(/[^a-z0-9]+/i);
  const os = systems.filter((system) => words.includes(system));
  const cpu = processors.filter((processor) => words.includes(processor));
  if (os.length === 0 && cpu.length === 0) {
    throw new Error(
      `${name} is missing from the lockfile and its name says no platform: add it by npm install.`,
    );
  }
  const libc = /musl/.test(name) ? ["musl"] : /\bgnu/.test(name) ? ["glibc"] : [];
  return {
    version: range.replace(/^[\^~=v]+/, ""),
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const file of process.argv.slice(2)) {
    for (const path of completeLockfile(file)) console.log(`${file}: added ${path}`);
  }
}
