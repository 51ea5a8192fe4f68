import { readFileSync } from "node:fs";
import type { TestHome } from "../support/home.ts";
import { processesWith } from "../support/processes.ts";
import { waitFor } from "../support/wait.ts";

/** The launches whose processes live, by their cookie: one for each running server of this home. */
export function liveLaunches(home: TestHome): Set<string> {
  const cookies = processesWith("DEVLATCH_HOME", home.directory).map(({ pid }) => cookieOf(pid));
  return new Set(cookies.filter((cookie) => cookie !== undefined));
}

/** The launch that was just told of: its process is forked by then, and has an environment of its own a moment later. */
export function firstLaunch(home: TestHome): Promise<string> {
  return waitFor("the launch", () => [...liveLaunches(home)][0]);
}

function cookieOf(pid: number): string | undefined {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return entries.find((entry) => entry.startsWith("DEVLATCH_LAUNCH="))?.slice("DEVLATCH_LAUNCH=".length);
  } catch {
    return undefined;
  }
}
