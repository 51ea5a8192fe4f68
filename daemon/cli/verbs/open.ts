import { DevlatchError } from "../../../shared/base/errors.ts";
import { open as openOperation } from "../../../shared/operations/servers.ts";
import { launch } from "./launch.ts";
import { verb } from "./verb.ts";

export const open = verb(openOperation, async (input, context) => {
  const { app, url } = await launch(context, "start", input);
  if (url === null) throw noPage(app);
  const opened = await inBrowser(url);
  const shown = context.output.paint("bold", url);
  const text = opened ? `Opened ${shown}` : `No browser can be opened from here. ${app} is at ${shown}`;
  return { data: { app, url, opened }, text };
});

/** @returns whether there is a program that opens pages; what becomes of the page it doesn't tell */
async function inBrowser(url: string): Promise<boolean> {
  // A record that others can write to must not open anything else.
  if (!/^https?:$/.test(new URL(url).protocol)) return false;
  const { default: openPage } = await import("open");
  return openPage(url).then(
    () => true,
    () => false,
  );
}

function noPage(app: string): DevlatchError {
  return new DevlatchError("INVALID_INPUT", `${app} has no page to open.`, "See what runs: devlatch status");
}
