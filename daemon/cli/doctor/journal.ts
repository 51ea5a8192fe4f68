import { statSync } from "node:fs";
import type { Home } from "../../../shared/client/home.ts";
import type { Finding } from "../../../shared/model/doctor.ts";
import { localTime } from "../output/style.ts";
import { warning } from "./finding.ts";

/** Whether a damaged journal was set aside: what happened before is in that file only. */
export function checkJournal(home: Home): Finding[] {
  const aside = `${home.journalFile}.damaged`;
  const found = statSync(aside, { throwIfNoEntry: false });
  if (!found) return [];
  const summary = `The journal was damaged and set aside as ${aside} (last written ${localTime(found.mtimeMs)}); a new one was begun`;
  return [warning("journal", summary, "Check the disk. Remove the file when you don't need it any more.")];
}
