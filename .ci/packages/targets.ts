/** A system that a package is made for, as the editor's marketplace calls it. */
export interface Target {
  readonly name: string;
  readonly os: "linux" | "darwin" | "win32";
  readonly cpu: "x64" | "arm64";
  /** Which C library programs are linked to; Linux alone has two. */
  readonly libc?: "glibc" | "musl";
}

/** Every system there is a package for. */
export const targets: readonly Target[] = (["x64", "arm64"] as const).flatMap((cpu): Target[] => [
  { name: `linux-${cpu}`, os: "linux", cpu, libc: "glibc" },
  { name: `alpine-${cpu}`, os: "linux", cpu, libc: "musl" },
  { name: `darwin-${cpu}`, os: "darwin", cpu },
  { name: `win32-${cpu}`, os: "win32", cpu },
]);

/** The system this runs on. @throws Error where there is no package for it */
export function ownTarget(): Target {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const libc = header.glibcVersionRuntime === undefined ? "musl" : "glibc";
  const { platform, arch } = process;
  const found = targets.find(
    (target) =>
      target.os === platform && target.cpu === arch && (target.libc === undefined || target.libc === libc),
  );
  if (!found) throw new Error(`There is no package for ${platform}-${arch}. There are: ${namesOf(targets)}.`);
  return found;
}

/** @param wanted `all`, or names with commas between them @throws Error naming what there is */
export function targetsNamed(wanted: string): readonly Target[] {
  if (wanted === "all") return targets;
  return wanted.split(",").map((name) => {
    const target = targets.find((one) => one.name === name);
    if (!target) throw new Error(`There is no target "${name}". There are: all, ${namesOf(targets)}.`);
    return target;
  });
}

function namesOf(list: readonly Target[]): string {
  return list.map(({ name }) => name).join(", ");
}
