import type { Finding } from "../../../shared/model/doctor.ts";
import { type Paint, printable } from "../output/style.ts";

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

/** @param fix how the doctor can do it; absent where only a person can */
export function problem(check: string, summary: string, remedy: string, fix?: Finding["fix"]): Finding {
  return { check, level: "problem", summary, remedy, ...(fix ? { fix } : {}) };
}

/** The findings, a line each, remedies below what they remedy. */
export function findingsText(findings: readonly Finding[], paint: Paint): string {
  const lines = findings.map(({ level, summary, remedy }) => {
    const line = `${paint(colours[level], marks[level])} ${printable(summary)}`;
    return remedy ? `${line}\n    ${printable(remedy)}` : line;
  });
  return `${lines.join("\n")}\n\n${verdict(findings)}`;
}

function verdict(findings: readonly Finding[]): string {
  const count = (level: Finding["level"]) => findings.filter((finding) => finding.level === level).length;
  const problems = count("problem");
  if (problems > 0) return problems === 1 ? "1 problem found" : `${problems} problems found`;
  return count("warning") > 0 ? "No problems; see the warnings" : "No problems found";
}
