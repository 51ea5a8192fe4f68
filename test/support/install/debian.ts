import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runProgram } from "../child.ts";
import { cacheDirectory } from "../paths.ts";
import { exclusively } from "./exclusive.ts";
import { announced, MissingPrerequisite } from "./report.ts";

/** A system package, and how to tell that what it brings is there, wherever it came from. */
interface SystemPackage {
  readonly name: string;
  present(): boolean;
}

const program = (name: string, ...programs: string[]): SystemPackage => ({
  name,
  present: () => programs.some((one) => findProgram(one) !== undefined),
});

/** What running the tests takes. */
export const runtimePackages = {
  redis: [program("redis-server", "redis-server")],
  git: [program("git", "git")],
  /** A database that isn't Devlatch's to start. */
  postgresql: [program("postgresql", "postgres")],
  /**
   * Certificates for Redis over TLS; sockets Node can't make (SO_REUSEPORT, one shared over a fork); the kernel's own
   * account of who signalled whom.
   */
  tools: [program("openssl", "openssl"), program("python3", "python3"), program("strace", "strace")],
  /** A peer that `npm run bench` measures beside. */
  lsof: [program("lsof", "lsof")],
  /** What people type in; every system has a bash. */
  shells: [program("zsh", "zsh"), program("fish", "fish")],
  browser: [program("chromium", "chromium", "chromium-browser", "google-chrome")],
} as const;

/** What compiling the native modules of the VS Code server takes (node-gyp needs make and Python). */
export const compilerPackages: readonly SystemPackage[] = [
  program("g++", "g++", "c++", "clang++"),
  program("make", "make"),
  program("python3", "python3"),
  program("pkg-config", "pkg-config"),
  { name: "libkrb5-dev", present: () => existsSync("/usr/include/gssapi/gssapi.h") },
];

/** Absolute path of a program on PATH. */
export function findProgram(name: string): string | undefined {
  const directories = (process.env["PATH"] ?? "").split(delimiter).filter((directory) => directory !== "");
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/**
 * Installs those packages that are missing, through apt-get.
 * @throws MissingPrerequisite naming them where that can't be done
 */
export async function needPackages(wanted: readonly SystemPackage[]): Promise<void> {
  if (missing(wanted).length === 0) return;
  await exclusively(join(cacheDirectory(), "apt.lock"), 60 * 60_000, async () => {
    const names = missing(wanted);
    if (names.length === 0) return;
    const obstacle = whyNot();
    if (obstacle !== undefined) throw new MissingPrerequisite(advice(names, obstacle));
    await announced(`the Debian packages ${names.join(", ")}`, () => aptInstall(names));
  });
  const left = missing(wanted);
  if (left.length > 0) throw new MissingPrerequisite(advice(left, "apt-get left them uninstalled"));
}

function missing(wanted: readonly SystemPackage[]): string[] {
  return wanted.filter((one) => !one.present()).map(({ name }) => name);
}

function whyNot(): string | undefined {
  if (findProgram("apt-get") === undefined) return "this system has no apt-get";
  if (process.getuid?.() !== 0) return "only root may install them";
  return undefined;
}

function advice(names: readonly string[], obstacle: string): string {
  return (
    `These system packages are missing, and ${obstacle}: ${names.join(", ")}.\n` +
    `On Debian or Ubuntu run: sudo apt-get update && sudo apt-get install -y ${names.join(" ")}\n` +
    "Elsewhere install what they bring (Debian's names) by your system's own means, then run npm test again."
  );
}

async function aptInstall(names: readonly string[]): Promise<void> {
  await aptGet(["update"]);
  await aptGet(["install", "--yes", "--no-install-recommends", ...names]);
}

async function aptGet(args: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  // Another apt-get (unattended upgrades) may hold dpkg's lock: wait for it rather than fail.
  const all = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3", ...args];
  const result = await runProgram("apt-get", all, { env, timeoutMs: 60 * 60_000 });
  if (result.code === 0) return;
  const tail = `${result.stdout}${result.stderr}`.trimEnd().split("\n").slice(-20).join("\n");
  throw new MissingPrerequisite(`apt-get ${args.join(" ")} failed with exit code ${result.code}:\n${tail}`);
}
