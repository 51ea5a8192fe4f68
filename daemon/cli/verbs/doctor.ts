import { existsSync } from "node:fs";
import { version } from "../../../shared/base/version.ts";
import { operations } from "../../../shared/operations/operations.ts";
import type { Context } from "../context.ts";
import { checkDaemon } from "../doctor/daemon.ts";
import { checkFiles, checkSocket } from "../doctor/files.ts";
import { type Finding, findingsText, ok, problem } from "../doctor/finding.ts";
import { checkJournal } from "../doctor/journal.ts";
import { verb } from "./verb.ts";

/** Looks, and changes nothing: no daemon is started, no file written. Exit code 1 where it found a problem. */
export const doctor = verb(operations.doctor, async (_input, context) => {
  const files = checkFiles(context.home);
  const { findings, answers } = await checkDaemon(context);
  const { home } = context;
  const own = [...files, ...checkSocket(home, answers), ...checkJournal(home)];
  const all = [...checkInstallation(context), ...own, ...findings];
  const problems = all.filter(({ level }) => level === "problem").length;
  return {
    data: {
      ok: problems === 0,
      problems,
      findings: all,
      home: context.home.directory,
      logFile: context.home.logFile,
    },
    text: findingsText(all, context.output.paint),
    ...(problems > 0 ? { exitCode: 1 } : {}),
  };
});

function checkInstallation({ daemonScript }: Context): Finding[] {
  return [
    ok(
      "runtime",
      `Devlatch ${version} on Node ${process.versions.node} (${process.platform} ${process.arch})`,
    ),
    existsSync(daemonScript)
      ? ok("installation", `The daemon's program is ${daemonScript}`)
      : problem(
          "installation",
          `The daemon's program ${daemonScript} is missing`,
          "Install Devlatch again; in its repository run: npm run build",
        ),
  ];
}
