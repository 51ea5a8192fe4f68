import { existsSync } from "node:fs";
import { isEarlierVersion } from "../base/version.ts";
import type { Home } from "./home.ts";
import { readDaemonState, readToken, storeMark } from "./state-file.ts";

/** Whose daemon may take the place of the one that runs. */
export interface Successor {
  readonly home: Home;
  /** Of the client. */
  readonly build: string;
  /** Which store its daemon would use. */
  readonly redisUrl?: string | undefined;
  /** Its daemon's script. */
  readonly program: { readonly script: string };
}

/**
 * Whether a client is to put its own daemon in the place of the one that runs: that one is of an earlier version, or its
 * files are gone, so that it can start nothing any more. Servers run on, and other clients come back to the new one. Never
 * where that would change the store, which others rely on; a later version that has its files is left as it is.
 */
export function isOutdated({ home, build, redisUrl, program }: Successor): boolean {
  const state = readDaemonState(home);
  const token = readToken(home);
  if (state === undefined || token === undefined) return false;
  const isGone = state.script !== undefined && !existsSync(state.script) && existsSync(program.script);
  if (!isGone && !isEarlierVersion(state.build, build)) return false;
  return state.store === storeMark(redisUrl, token);
}
