import { t } from "@vscode/l10n";
import type { BuildView, SourcePlace } from "./output.ts";

/** `app/page.js:3:9`, as editors and terminals understand it. */
export function placeWords({ file, line, column }: SourcePlace): string {
  return [file, line, column].filter((part) => part !== undefined).join(":");
}

/** `2 errors`, `compiling`; nothing where all is well. */
export function buildWords(build: BuildView): string | undefined {
  if (build.status === "compiling") return t("compiling");
  if (build.status !== "failed") return undefined;
  return build.errorCount === 1 ? t("1 error") : t("{0} errors", build.errorCount);
}
