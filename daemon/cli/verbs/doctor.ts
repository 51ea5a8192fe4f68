import { existsSync } from "node:fs";
import { version } from "../../../shared/base/version.ts";
import type { Finding } from "../../../shared/model/doctor.ts";
import { doctor as doctorOperation } from "../../../shared/operations/daemon.ts";
import type { Context } from "../context.ts";
import { checkDaemon } from "../doctor/daemon.ts";
import { checkFiles, checkSocket } from "../doctor/files.ts";
import { findingsText, ok, problem } from "../doctor/finding.ts";
import { type Fix, fixAll, fixesText } from "../doctor/fixing.ts";
import { checkJournal } from "../doctor/journal.ts";
import { checkSystem } from "../doctor/system.ts";
import { type Report, verb } from "./verb.ts";

/**
 * Looks, and changes nothing: no daemon is started, no file written. Exit code 1 where it found a problem. With `--fix`
 * it offers to remove what it found, which takes a daemon; without a terminal and without `--yes` it still only looks.
 */
export const doctor = verb(doctorOperation, async ({ fix = false, yes = false }, context) => {
  const findings = await examine(context);
  const mayFix = fix && (yes || context.output.dialogue !== undefined);
  if (!mayFix || !findings.some((finding) => finding.fix)) return report(findings, [], context);
  context.output.note(findingsText(findings, context.output.paintError));
  const fixes = await fixAll(findings, yes, context);
  return report(await examine(context), fixes, context);
});

async function examine(context: Context): Promise<readonly Finding[]> {
  const files = checkFiles(context.home);
  const { findings, answers } = await checkDaemon(context);
  const { home } = context;
  const own = [...files, ...checkSocket(home, answers), ...checkJournal(home)];
  return [...checkInstallation(context), ...(await checkSystem(context)), ...own, ...findings];
}

function report(findings: readonly Finding[], fixes: readonly Fix[], { home, output }: Context): Report {
  const problems = findings.filter(({ level }) => level === "problem").length;
  const fixable = findings.filter((finding) => finding.fix).length;
  const offer = fixable > 0 ? "To have it fixed, asked for each: devlatch doctor --fix" : "";
  const text = [findingsText(findings, output.paint), fixesText(fixes), offer].filter(Boolean).join("\n\n");
  return {
    data: {
      ok: problems === 0,
      problems,
      findings,
      ...(fixes.length > 0 ? { fixes } : {}),
      home: home.directory,
      logFile: home.logFile,
    },
    text,
    ...(problems > 0 ? { exitCode: 1 } : {}),
  };
}

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
