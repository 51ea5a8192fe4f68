import { basename, relative } from "node:path";
import { asAppName, type UsualApp } from "../../shared/model/app.ts";
import type { Candidate } from "./candidates.ts";
import type { Package } from "./package-json.ts";

/** A package of a workspace, and how a usual app is started in it. */
export interface Offer {
  readonly owner: Package;
  readonly candidate: Candidate;
}

/**
 * Of the packages that offer an app the one that goes by the app's own name: the one that is called so, else the only one
 * whose framework serves an app (not an API, a catalogue or documentation), else the only one.
 */
export function principalOffer(offers: readonly Offer[], app: UsualApp): Offer | undefined {
  const called = offers.filter(({ owner }) => isCalled(owner, app));
  if (called.length > 0) return only(called);
  const main = offers.filter(({ candidate: { server } }) => server.framework && !server.framework.beside);
  return main.length > 0 ? only(main) : only(offers);
}

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** Whether a package's name, without its scope, or its directory is this. */
export function isCalled(owner: Package, app: string): boolean {
  return spokenName(owner) === app || asAppName(basename(owner.directory)) === app;
}

/**
 * The name of the app in a package that is one of several: its package's, without the scope; where another one has that,
 * its path from the root.
 * @param others all packages that offer the app
 * @param taken the name that another one of them goes by
 */
export function memberName(owner: Package, root: string, others: readonly Package[], taken: string): string {
  const name = spokenName(owner);
  const unique = others.every((one) => one.directory === owner.directory || spokenName(one) !== name);
  if (unique && name !== taken) return name;
  return pathName(owner, root);
}

/** A package's path from the root, as the name of an app: `apps/site` is `apps-site`. */
export function pathName({ directory }: Package, root: string): string {
  return asAppName(relative(root, directory));
}

/** What a package is called in speech: its name without the scope, else its directory, as the name of an app. */
export function spokenName({ name, directory }: Package): string {
  return asAppName(name?.replace(/^@[^/]*\//, "") ?? basename(directory));
}
