import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BuildTracker } from "../../../daemon/output/build-tracker.ts";
import { OutputReader } from "../../../daemon/output/output-reader.ts";
import type { PackageDirectories } from "../../../daemon/output/parts.ts";
import type { Line, Signal } from "../../../daemon/output/signals.ts";
import { placeWords } from "../../../shared/model/build-words.ts";
import type { BuildView } from "../../../shared/model/output.ts";
import { repository } from "../../support/paths.ts";

/** One step of a recording: what was done before, and what the server wrote then. */
export interface Step {
  /** `syntax error`, `fix`, …; the first one has none. */
  readonly name: string;
  readonly lines: readonly Line[];
}

/**
 * What a framework of this very version wrote while its project was broken and mended, recorded from a session's
 * thread: a line is `<milliseconds>|<text>`, `=== ` says what was done next. Blank lines and most frames of
 * dependencies are left out.
 */
export function recording(name: string): readonly Step[] {
  const text = readFileSync(join(repository, "test/fixtures/output", `${name}.txt`), "utf8");
  const steps: { name: string; lines: Line[] }[] = [{ name: "", lines: [] }];
  let seq = 0;
  for (const line of text.split("\n").filter(Boolean)) {
    if (line.startsWith("=== ")) steps.push({ name: line.slice(4), lines: [] });
    else {
      const bar = line.indexOf("|");
      const time = Number(line.slice(0, bar));
      steps.at(-1)?.lines.push({ seq: ++seq, time, text: line.slice(bar + 1) });
    }
  }
  return steps;
}

/** Lines of one moment. */
export function lines(...texts: readonly string[]): Line[] {
  return texts.map((text, index) => ({ seq: index + 1, time: 1_000, text }));
}

/** Everything that these lines say. */
export function signalsOf(given: readonly Line[]): Signal[] {
  const reader = new OutputReader();
  return [...reader.push(given), ...reader.flush()];
}

/** What a build looks like after each step: `failed app/page.js:3:9 Unexpected token`. */
export function buildsOf(
  steps: readonly Step[],
  packages?: PackageDirectories,
): { readonly step: string; readonly build: string }[] {
  const reader = new OutputReader({ root: "", packages: packages ?? new Map() });
  const tracker = new BuildTracker();
  return steps.map(({ name, lines }) => {
    for (const signal of [...reader.push(lines), ...reader.flush()]) tracker.take(signal);
    const last = lines.at(-1);
    // Each step was followed by two seconds of silence.
    if (last) tracker.settle(last.time + 2_000);
    return { step: name, build: inWords(tracker.view()) };
  });
}

/** What a build looks like after each step that changes it: the step's name, and the build in words. */
export function changesOf(
  steps: readonly Step[],
  packages?: PackageDirectories,
): (readonly [string, string])[] {
  let before = "";
  return buildsOf(steps, packages).flatMap(({ step, build }) => {
    if (build === before) return [];
    before = build;
    return [[step, build] as const];
  });
}

function inWords({ status, errors }: BuildView): string {
  const words = errors.map(({ message, place }) => `${place ? placeWords(place) : "?"} ${message}`);
  return [status, ...words].join(" / ");
}
