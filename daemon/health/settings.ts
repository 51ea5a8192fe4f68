import { readFile } from "node:fs/promises";
import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import {
  effectiveThresholds,
  HealthThresholds,
  type Thresholds,
} from "../../shared/model/health-thresholds.ts";

/** What was read: what was set, or why it can't be used. */
type FileContent =
  | { readonly kind: "set"; readonly set: HealthThresholds }
  | { readonly kind: "invalid"; readonly problem: string };

/**
 * The thresholds that apply: the editor's over those of `health.json` over the defaults. A file that can't be used
 * counts for nothing, and that is told.
 */
export class HealthSettings {
  readonly #file: string;
  #ofFile: HealthThresholds = {};
  #ofEditor: HealthThresholds = {};
  #current = effectiveThresholds();

  /** @param file JSON with comments; need not exist */
  constructor(file: string) {
    this.#file = file;
  }

  get current(): Thresholds {
    return this.#current;
  }

  /** Reads the file. Never rejects. @returns why it can't be used, in words; undefined where all is well */
  async refresh(): Promise<string | undefined> {
    const content = await readContent(this.#file);
    this.#ofFile = content.kind === "set" ? content.set : {};
    this.#lay();
    return content.kind === "invalid" ? content.problem : undefined;
  }

  /** What the editor has set, instead of what it had. */
  configure(set: HealthThresholds): void {
    this.#ofEditor = set;
    this.#lay();
  }

  #lay(): void {
    this.#current = effectiveThresholds(this.#ofFile, this.#ofEditor);
  }
}

async function readContent(file: string): Promise<FileContent> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : String(error);
    return code === "ENOENT" ? { kind: "set", set: {} } : invalid(file, `it can't be read (${code})`);
  }
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) {
    const line = text.slice(0, first.offset).split("\n").length;
    return invalid(file, `line ${line}: ${printParseErrorCode(first.error)}`);
  }
  const checked = HealthThresholds.safeParse(value);
  if (checked.success) return { kind: "set", set: checked.data };
  const [issue] = checked.error.issues;
  const where = issue?.path.length ? `${issue.path.join(".")}: ` : "";
  return invalid(file, `${where}${issue?.message ?? "it isn't an object"}`);
}

function invalid(file: string, why: string): FileContent {
  return { kind: "invalid", problem: `${file} can't be used: ${why}. The default thresholds apply.` };
}
