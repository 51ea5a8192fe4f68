/** Set by esbuild to the version of package.json; absent when the sources run directly. */
declare const __VERSION__: string;
/** Set by esbuild to a digest of all sources; absent when they run directly. */
declare const __SOURCES__: string;

/** Version of Devlatch, e.g. `0.1.0`. */
export const version = typeof __VERSION__ === "string" ? __VERSION__ : "0.0.0-dev";

const sources = typeof __SOURCES__ === "string" ? __SOURCES__ : undefined;

/** The version, and what tells two builds of it apart: `0.1.0+3f2a9c01`. */
export const build = sources === undefined ? version : `${version}+${sources}`;

/** Whether what says it is of `other` was built of the very same sources. What runs from its sources never knows. */
export function isThisBuild(other: string): boolean {
  return sources !== undefined && other === build;
}

/**
 * Whether one build is of an earlier version than another. What runs from its sources, or isn't a version, is neither
 * earlier nor later.
 */
export function isEarlierVersion(one: string, other: string): boolean {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  if (a === undefined || b === undefined) return false;
  const at = a.findIndex((number, place) => number !== b[place]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

/** Major, minor, patch; undefined for a pre-release, too, whose order the numbers don't tell. */
function numbersOf(text: string): readonly number[] | undefined {
  const found = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:\+|$)/.exec(text);
  return found?.slice(1).map(Number);
}
