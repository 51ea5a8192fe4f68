import type { Paint } from "../output/style.ts";

/** One thing the doctor looked at. */
export interface Finding {
  /** Stable name of the check, for programs. */
  readonly check: string;
  /** `problem`: Devlatch doesn't work as it should. `warning`: it does, but this deserves a look. */
  readonly level: "ok" | "info" | "warning" | "problem";
  readonly summary: string;
  /** What to do; absent where nothing has to be done. */
  readonly remedy?: string;
}

const marks = { ok: "✓", info: "·", warning: "!", problem: "✗" } as const;
const colours = { ok: "green", info: "dim", warning: "yellow", problem: "red" } as const;

export function ok(check: string, summary: string): Finding {
  return { check, level: "ok", summary };
}

export function info(check: string, summary: string): Finding {
  return { check, level: "info", summary };
}

export function warning(check: string, summary: string, remedy: string): Finding {
  return { check, level: "warning", summary, remedy };
}

export function problem(check: string, summary: string, remedy: string): Finding {
  return { check, level: "problem", summary, remedy };
}

/** The findings, a line each, remedies below what they remedy. */
export function findingsText(findings: readonly Finding[], paint: Paint): string {
  const lines = findings.map(({ level, summary, remedy }) => {
    const line = `${paint(colours[level], marks[level])} ${summary}`;
    return remedy ? `${line}\n    ${remedy}` : line;
  });
  return `${lines.join("\n")}\n\n${verdict(findings)}`;
}

function verdict(findings: readonly Finding[]): string {
  const count = (level: Finding["level"]) => findings.filter((finding) => finding.level === level).length;
  const problems = count("problem");
  if (problems > 0) return problems === 1 ? "1 problem found" : `${problems} problems found`;
  return count("warning") > 0 ? "No problems; see the warnings" : "No problems found";
}
