import type { Group } from "../group.ts";
import { pages } from "./pages.ts";

/** What was said and found again. */
export const threads: Group = {
  name: "threads",
  measures: ["pages"],
  run: async (effort, _wanted, done) => done(await pages(effort)),
};
