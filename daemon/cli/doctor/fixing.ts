import { chmodSync } from "node:fs";
import { type ErrorShape, toErrorShape } from "../../../shared/base/errors.ts";
import type { Finding } from "../../../shared/model/doctor.ts";
import type { Context } from "../context.ts";
import { printable } from "../output/style.ts";
import { confirm } from "../verbs/consent.ts";

/** What became of one finding. */
export interface Fix {
  readonly check: string;
  readonly id: string;
  /** `gone`: it wasn't there any more. `declined`: the person said no. */
  readonly outcome: "fixed" | "gone" | "declined" | "failed";
  readonly error?: ErrorShape;
}

/**
 * Fixes what can be fixed, one after another, each with consent.
 * @param yes the caller consents to all of it; otherwise the person at the terminal is asked for each
 */
export async function fixAll(
  findings: readonly Finding[],
  yes: boolean,
  context: Context,
): Promise<readonly Fix[]> {
  const fixes: Fix[] = [];
  for (const finding of findings) {
    if (!finding.fix) continue;
    const { check, summary } = finding;
    const { id, action } = finding.fix;
    if (!yes) context.output.ask(`\n${printable(summary)}`);
    if (!yes && !(await confirm(context, `${printable(action)}?`))) {
      fixes.push({ check, id, outcome: "declined" });
      continue;
    }
    fixes.push({ check, id, ...(await fixOne(id, context)) });
  }
  return fixes;
}

async function fixOne(id: string, context: Context): Promise<Pick<Fix, "outcome" | "error">> {
  try {
    const local = localFixes[id];
    if (local) {
      local(context);
      return { outcome: "fixed" };
    }
    return await context.request("doctor/fix", { id });
  } catch (error) {
    context.signal.throwIfAborted();
    return { outcome: "failed", error: toErrorShape(error) };
  }
}

/** What needs no daemon, which could not even run. */
const localFixes: Readonly<Record<string, (context: Context) => void>> = {
  "home:mode": ({ home }) => chmodSync(home.directory, 0o700),
  "token:mode": ({ home }) => chmodSync(home.tokenFile, 0o600),
};

/** A line for each, or nothing where nothing was to be fixed. */
export function fixesText(fixes: readonly Fix[]): string {
  const lines = fixes.map(({ id, outcome, error }) => {
    const why = error ? `: ${error.message} ${error.remedy}` : "";
    return printable(`${words[outcome]} ${id}${why}`);
  });
  return lines.join("\n");
}

const words = {
  fixed: "Fixed",
  gone: "No longer there:",
  declined: "Left as it is:",
  failed: "Could not fix",
} as const;
