import { placeWords } from "../../shared/model/build-words.ts";
import { OutputReader } from "./output-reader.ts";
import type { Signal } from "./signals.ts";

/**
 * The error that a program's end is about, in words: `src/app.ts:3:9: Unexpected token`. That is the first one of a
 * build; else the last one before the program said that it ended, else the first one.
 * @param lines what it wrote, oldest first
 * @returns undefined where none was understood
 */
export function firstErrorIn(lines: readonly string[]): string | undefined {
  const reader = new OutputReader();
  const written = lines.map((text, index) => ({ seq: index + 1, time: 0, text }));
  const signals = [...reader.push(written), ...reader.flush()];
  const errors = signals.filter((signal) => signal.kind === "error");
  const error = errors.find(({ phase }) => phase !== "log") ?? lastBeforeEnd(signals, errors) ?? errors[0];
  if (error === undefined) return undefined;
  return error.place ? `${placeWords(error.place)}: ${error.message}` : error.message;
}

type ErrorSignal = Extract<Signal, { kind: "error" }>;

function lastBeforeEnd(signals: readonly Signal[], errors: readonly ErrorSignal[]): ErrorSignal | undefined {
  const end = signals.find(({ kind }) => kind === "failed");
  return end && errors.findLast(({ seq }) => seq < end.seq);
}
