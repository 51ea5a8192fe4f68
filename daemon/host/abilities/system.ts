import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Abilities } from "../../../shared/model/abilities.ts";

/** A line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)), as far as it is of use here. */
interface Mount {
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** @param text the content of `/proc/self/mountinfo` */
export function parseMounts(text: string): readonly Mount[] {
  return text.split("\n").flatMap((line) => {
    const [own = "", system = ""] = line.split(" - ");
    const point = own.split(" ")[4];
    const [type, , options = ""] = system.split(" ");
    if (point === undefined || type === undefined) return [];
    return [{ point: readable(point), type, options: options.split(",") }];
  });
}

/** Blanks and the like are written as octal numbers. */
function readable(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** The mount that a path is on: the longest, of equal ones the last. */
function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  const isAbove = ({ point }: Mount) => point === "/" || path === point || path.startsWith(`${point}/`);
  return mounts
    .filter(isAbove)
    .reduce<Mount | undefined>(
      (best, mount) => (best === undefined || mount.point.length >= best.point.length ? mount : best),
      undefined,
    );
}

/** What files of the system say. @param home absolute path of Devlatch's home */
export function readSystem(
  home: string,
): Pick<Abilities, "othersHidden" | "libc" | "wsl" | "homeFileSystem"> {
  const mounts = parseMounts(textOf("/proc/self/mountinfo"));
  const hiding = (mountOf("/proc", mounts)?.options ?? []).some((option) =>
    /^hidepid=(?:1|2|4|noaccess|invisible|ptraceable)$/.test(option),
  );
  const wsl = wslOf(textOf("/proc/version"));
  const homeFileSystem = mountOf(resolve(home), mounts)?.type;
  return {
    othersHidden: hiding && process.getuid?.() !== 0,
    libc: libcOf(),
    ...(wsl === undefined ? {} : { wsl }),
    ...(homeFileSystem === undefined ? {} : { homeFileSystem }),
  };
}

/** @param version the content of `/proc/version`: 1 has no Linux kernel and says Microsoft's name otherwise than 2 */
export function wslOf(version: string): 1 | 2 | undefined {
  if (/microsoft-standard|WSL2/.test(version)) return 2;
  return /Microsoft/.test(version) ? 1 : undefined;
}

function libcOf(): Abilities["libc"] {
  if (process.platform !== "linux") return "other";
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
