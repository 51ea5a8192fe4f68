import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Place, pathsOf } from "./place.ts";

/**
 * Writes the licences of all that is part of a package: they ask to be passed on.
 * @throws an error of the file system where one can't be read
 */
export async function writeLicences(file: string, places: readonly Place[]): Promise<void> {
  const sorted = places.flatMap(pathsOf).sort((one, other) => (one.name < other.name ? -1 : 1));
  const texts = await Promise.all(sorted.map(({ name, path }) => licenceOf(name, path)));
  const rule = `\n\n${"-".repeat(80)}\n\n`;
  await writeFile(file, `${texts.join(rule)}\n`);
}

async function licenceOf(name: string, directory: string): Promise<string> {
  const { version, license, author } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
  const files = (await readdir(directory)).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  const texts = await Promise.all(files.sort().map((file) => readFile(join(directory, file), "utf8")));
  // Some packages only name theirs.
  const by = typeof author === "string" ? author : (author?.name ?? "");
  const words = texts.length > 0 ? texts.map((text) => text.trim()) : [`License: ${license}. ${by}`.trim()];
  return [`${name.split("node_modules/").at(-1)} ${version} (${license})`, ...words].join("\n\n");
}
