import { existsSync, readFileSync } from "node:fs";
import { type BundledSuite, toSourcePlaces } from "./bundle.ts";
import type { CaseResult, SuiteResult } from "./protocol.ts";

/** What the suite has written so far, with places in its source; undefined before it began. */
export function readResults({ module, resultsFile }: BundledSuite): SuiteResult | undefined {
  if (!existsSync(resultsFile)) return undefined;
  const written = JSON.parse(readFileSync(resultsFile, "utf8")) as SuiteResult;
  const inSource = (one: CaseResult) =>
    one.error === undefined ? one : { ...one, error: toSourcePlaces(one.error, module) };
  return { ...written, cases: written.cases.map(inSource) };
}

/** @throws Error naming every failed case, with its error, and the case that hung */
export function assertAllPassed(result: SuiteResult | undefined): asserts result is SuiteResult {
  if (result === undefined) throw new Error("The suite never began: VS Code didn't call run().");
  const failures = result.cases.filter(({ error }) => error !== undefined);
  const lines = failures.map(({ name, error }) => `✖ ${name}\n${indent(error ?? "")}`);
  if (!result.finished)
    lines.push(`✖ ${result.running ?? "(no case)"}\n  was still running when VS Code ended.`);
  if (lines.length > 0) {
    throw new Error(`${lines.length} of the suite's cases failed in VS Code:\n${lines.join("\n")}`);
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
