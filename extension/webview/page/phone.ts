import "./texts.ts";

import { t } from "@vscode/l10n";
import type { FromPhonePage, ToPhonePage } from "../phone/messages.ts";
import type { PhoneData, PhoneKey, PhonePlace } from "../phone/phone-data.ts";
import { element, setText } from "./dom.ts";
import { qrCode } from "./qr-code.ts";

declare function acquireVsCodeApi(): { postMessage(message: FromPhonePage): void };

const editor = acquireVsCodeApi();
const main = document.getElementById("page") ?? document.body;
const title = element("h1");
const state = element("p", "", "state");
const reason = element("p");
reason.setAttribute("role", "status");
const start = button(t("Start Server"), { kind: "start" });
const found = element("div");
const code = element("div", "", "code");
const url = element("code");
const copy = button(t("Copy Address"), { kind: "copy" });
const address = element("p", "", "address");
address.append(url, copy);
const source = element("p", "", "source");
const warnings = element("div");
const steps = element(
  "p",
  t(
    "Scan the code with Expo Go on Android, with the camera on an iPhone. The phone has to be in the same network.",
  ),
  "steps",
);
found.append(code, address, source, warnings, steps);
const keys = element("div", "", "keys");
keys.setAttribute("role", "group");
keys.setAttribute("aria-label", t("Keys of Expo's terminal"));
const pressed: readonly (readonly [PhoneKey, string])[] = [
  ["reload", t("Reload App")],
  ["menu", t("Developer Menu")],
];
const keyButtons = pressed.map(([key, words]) => button(words, { kind: "press", key }));
const noKeys = element("p", "", "source");
noKeys.id = "no-keys";
const said = element("p");
said.setAttribute("role", "status");
keys.append(...keyButtons);
main.append(title, state, reason, start, found, keys, noKeys, said);

let shownUrl = "";
let squares = 0;

addEventListener("message", ({ data }: MessageEvent<ToPhonePage>) => {
  if (data.kind === "phone") show(data.data);
});
editor.postMessage({ kind: "ready" });

function show(data: PhoneData): void {
  setText(title, t("{0} on a phone", data.app));
  setText(state, data.state);
  start.hidden = !data.canStart;
  showPlace(data.place);
  for (const one of keyButtons) one.disabled = data.noKeys !== null;
  setText(noKeys, data.noKeys ?? "");
  setText(said, data.said);
  if (data.place.kind === "looking") return;
  editor.postMessage({ kind: "shown", text: main.textContent.slice(0, 5_000), squares });
}

function showPlace(place: PhonePlace): void {
  const isFound = place.kind === "found";
  found.hidden = !isFound;
  reason.hidden = isFound;
  if (place.kind === "looking") setText(reason, t("Looking for the address that Expo printed…"));
  if (place.kind === "none") setText(reason, place.reason);
  showCode(isFound ? place.address.url : "");
  if (!isFound) return;
  setText(source, place.address.source);
  const texts = place.address.warnings;
  if (warnings.textContent !== texts.join(""))
    warnings.replaceChildren(...texts.map((text) => element("p", text, "warning")));
}

/** Drawn when the address changes: a phone may be reading it. */
function showCode(text: string): void {
  if (text === shownUrl) return;
  shownUrl = text;
  setText(url, text);
  if (text === "") {
    code.replaceChildren();
    squares = 0;
    return;
  }
  const drawn = qrCode(text);
  squares = drawn.squares;
  code.replaceChildren(drawn.picture);
}

function button(words: string, message: FromPhonePage): HTMLButtonElement {
  const made = element("button", words);
  made.type = "button";
  made.addEventListener("click", () => editor.postMessage(message));
  return made;
}
