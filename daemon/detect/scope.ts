import { resolve } from "node:path";
import type { Package } from "./package-json.ts";

/** Where a command stands while a command line is read: what the ones around it have set. */
export interface Scope {
  readonly cwd: string;
  /** Variables set on the way here. */
  readonly env: Readonly<Record<string, string>>;
  /** Files of variables named on the way here, absolute; the nearest command's last. */
  readonly envFiles?: readonly string[];
  /** Inside of `cmd`, which has `set X=Y` for an assignment. */
  readonly cmd?: boolean;
  /** Inside a script that serves by its name. */
  readonly serving: boolean;
  /** Scripts on the way here, against cycles. */
  readonly within: ReadonlySet<string>;
}

export function withVariables(scope: Scope, env: Readonly<Record<string, string>>): Scope {
  return { ...scope, env: { ...scope.env, ...env } };
}

/** Identifies a script of a package in `within`. */
export function scriptId(owner: Package, script: string): string {
  return `${owner.directory}\n${script}`;
}

/** A zero byte can't be in a path; every function that gets one throws. */
export function resolveSafely(from: string, to: string): string {
  return resolve(from, to.replaceAll("\0", ""));
}
