import * as z from "zod";
import { type AgentFile, declared, linesOf, part } from "./declared.ts";

const system = process.platform === "win32" ? "windows" : "unix";
const File = z.record(z.string(), z.unknown());

/** What Cursor does in a worktree it made: for this system, else for all. */
export const cursorWorktrees: AgentFile = {
  path: ".cursor/worktrees.json",
  format: "json",
  read: (value) => {
    const file = part(File, value) ?? {};
    return declared({ setup: linesOf(file[`setup-worktree-${system}`]) ?? linesOf(file["setup-worktree"]) });
  },
};
