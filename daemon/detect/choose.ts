import { basename, join, relative, sep } from "node:path";
import { DevlatchError } from "../../shared/base/errors.ts";
import { configFileName } from "../../shared/model/config.ts";
import { type Candidate, CandidateFinder, scriptsFor } from "./candidates.ts";
import type { Package } from "./package-json.ts";
import type { Packages } from "./packages.ts";
import type { Recogniser } from "./recognise.ts";

/** Where an app is looked for. */
export interface Search {
  readonly app: string;
  /** Directory the caller works in. */
  readonly from: string;
  /** Root of the sandbox: where `devlatch.json` is or would be. */
  readonly root: string;
  /** Look into the package of `from` alone: the configuration says that the app is there. */
  readonly only: boolean;
}

/**
 * Picks the command of an app that isn't configured: in the caller's package, then in the workspace root's, then in
 * the one workspace package that fits (of several the one that is called like the app).
 * @throws DevlatchError `UNKNOWN_APP`, `AMBIGUOUS_APP`; `CONFIG_INVALID` for a broken `package.json` on the way
 */
export async function chooseCandidate(
  packages: Packages,
  recogniser: Recogniser,
  search: Search,
): Promise<Candidate> {
  const finder = new CandidateFinder(packages, recogniser);
  const ownDirectory = await packages.nearestDirectory(search.from);
  const workspace =
    ownDirectory === undefined || search.only ? undefined : await packages.workspaceOf(ownDirectory);
  const own = await readable(packages, ownDirectory);
  const root = workspace?.root === ownDirectory ? own : await readable(packages, workspace?.root);
  const members = await packages.all((workspace?.members ?? []).filter((one) => one !== ownDirectory));

  for (const name of search.only ? namesWithin(search.app) : [search.app]) {
    const found =
      (own && (await finder.script(own, name))) ??
      (own && (own !== root || members.length === 0) ? await finder.dependency(own, name) : undefined) ??
      (root && root !== own ? await finder.script(root, name) : undefined) ??
      (await onlyMember(finder, members, search)) ??
      (root && members.length > 0 ? await finder.dependency(root, name) : undefined);
    if (found !== undefined) return found;
  }
  throw unknownApp(search, [own, root === own ? undefined : root], members);
}

/** In the directory that the configuration names, any app is what a web app would be. */
function namesWithin(app: string): readonly string[] {
  return app === "web" || app === "mobile" ? [app] : [app, "web"];
}

async function readable(packages: Packages, directory: string | undefined): Promise<Package | undefined> {
  if (directory === undefined) return undefined;
  const problem = await packages.problem(directory);
  if (problem !== undefined) throw problem;
  return packages.at(directory);
}

async function onlyMember(
  finder: CandidateFinder,
  members: readonly Package[],
  search: Search,
): Promise<Candidate | undefined> {
  const found: { readonly owner: Package; readonly candidate: Candidate }[] = [];
  for (const owner of members) {
    const candidate =
      (await finder.script(owner, search.app)) ?? (await finder.dependency(owner, search.app));
    if (candidate !== undefined) found.push({ owner, candidate });
  }
  const named = found.filter(({ owner }) => isCalled(owner, search.app));
  const [only, ...others] = named.length > 0 ? named : found;
  if (others.length === 0) return only?.candidate;
  throw ambiguousApp(
    search,
    found.map(({ owner }) => owner.directory),
  );
}

function isCalled(owner: Package, app: string): boolean {
  return owner.name?.replace(/^@[^/]*\//, "") === app || basename(owner.directory) === app;
}

function ambiguousApp(search: Search, directories: readonly string[]): DevlatchError {
  const places = directories.map((one) => relative(search.root, one).split(sep).join("/"));
  const snippet = `{\n  "apps": { "${search.app}": { "cwd": ${JSON.stringify(places[0])} } }\n}`;
  return new DevlatchError(
    "AMBIGUOUS_APP",
    `Several packages could be the app "${search.app}": ${places.join(", ")}.`,
    `Run this in the directory of the one you mean, or say which it is in ${join(search.root, configFileName)}:\n${snippet}`,
    { data: { app: search.app, candidates: places } },
  );
}

function unknownApp(
  search: Search,
  own: readonly (Package | undefined)[],
  members: readonly Package[],
): DevlatchError {
  const { app } = search;
  const looked = [...own.filter((one) => one !== undefined), ...members];
  const snippet = `{\n  "apps": { "${app}": { "command": "npm run dev", "port": ${app === "mobile" ? 8081 : 3000} } }\n}`;
  return new DevlatchError(
    "UNKNOWN_APP",
    `There is no app "${app}" here: ${whatWasSeen(search, looked)}.`,
    `Put its command into ${join(search.root, configFileName)}:\n${snippet}`,
    { data: { app, looked: looked.map((one) => one.file) } },
  );
}

function whatWasSeen(search: Search, looked: readonly Package[]): string {
  const [first, ...others] = looked;
  if (first === undefined) return `no ${configFileName} names it, and ${search.from} has no package.json`;
  const scripts = search.app === "mobile" ? "scripts" : `scripts ${scriptsFor(search.app, first).join(", ")}`;
  const where = others.length === 0 ? first.file : `${first.file} and ${others.length} more package.json`;
  const framework = search.app === "mobile" ? "Expo, React Native or Metro" : "a dev server";
  return `no ${configFileName} names it, and neither the ${scripts} nor the dependencies in ${where} start ${framework}`;
}
