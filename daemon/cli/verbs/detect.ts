import type { Detection } from "../../../shared/model/app.ts";
import { detect as detectOperation } from "../../../shared/operations/detect.ts";
import { hereText } from "../output/here.ts";
import { verb } from "./verb.ts";

const { command: ofCommand, directory } = detectOperation.requests;

export const detect = verb(detectOperation, async ({ command }, context) => {
  if (command === undefined) {
    const here = await context.ask(directory, {});
    return { data: here, text: hereText(here, context.output.paint) };
  }
  const result = await context.ask(ofCommand, { command });
  if (result.notice) context.output.note(result.notice);
  const [line = "", ...rest] = command;
  if (rest.length === 0 && /\s/.test(line))
    context.output.note("Read as a shell reads that line. To run it: devlatch run KEY -- sh -c 'LINE'.");
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
