import type { Detection } from "../../../shared/model/app.ts";
import { operations } from "../../../shared/operations/operations.ts";
import { verb } from "./verb.ts";

export const detect = verb(operations.detect, async (input, context) => {
  const result = await context.ask(operations.detect, input);
  if (result.notice) context.output.note(result.notice);
  return { data: result, text: detectionText(result) };
});

/** What a command line stands for, in one line. */
export function detectionText(detection: Detection): string {
  if (!detection.devServer) return "Not a dev server";
  const { app, framework, port, packageManager, script } = detection;
  const facts = [
    framework && `framework ${framework}`,
    port && `port ${port}`,
    packageManager && `package manager ${packageManager}`,
    script && `script ${script}`,
  ].filter(Boolean);
  return `Dev server of app ${app ?? "web"}${facts.length > 0 ? `: ${facts.join(", ")}` : ""}`;
}
