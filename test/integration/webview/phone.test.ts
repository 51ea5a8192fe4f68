import assert from "node:assert/strict";
import { test } from "node:test";
import decodeQR from "qr/decode.js";
import type { FromPhonePage } from "../../../extension/webview/phone/messages.ts";
import type { PhoneData } from "../../../extension/webview/phone/phone-data.ts";
import { takeScreenshot } from "../../support/browser.ts";
import { waitFor } from "../../support/wait.ts";
import {
  assertAccessible,
  openInBrowser,
  type PageInBrowser,
  themeNames,
  walkByKeyboard,
} from "./page-in-browser.ts";

const kind = { name: "phone", title: "mobile on a Phone" } as const;
const viewport = { width: 700, height: 760 };
const evil = "<img src=x onerror=\"document.title='owned'\">";
const url = "exp://192.168.1.5:8081";
const data: PhoneData = {
  app: "mobile",
  state: "mobile, ready on port 8081",
  place: {
    kind: "found",
    address: {
      url,
      source: "As Expo's command line says.",
      warnings: [`Only this machine reaches it. ${evil}`],
    },
  },
  noKeys: null,
  canStart: false,
  said: "",
};

test("a phone reads the address from the page, also in high contrast; keys, copy and start are told to the editor", async (t) => {
  const opened = await openInBrowser(t, kind, viewport);
  const { page, troubles, told, send, wear } = opened;
  await send({ kind: "phone", data });
  for (const theme of themeNames) {
    await wear(theme);
    await takeScreenshot(page, `phone-${theme}`);
  }
  await wear("contrast");
  assert.equal(await readByPhone(opened), url);
  assert.match(
    (await page.locator("main").textContent()) ?? "",
    /exp:\/\/192\.168\.1\.5:8081.*Only this machine/s,
  );
  const kinds = async () => (await told<FromPhonePage>()).map((one) => ("key" in one ? one.key : one.kind));
  await page.getByRole("button", { name: "Reload App" }).press("Enter");
  await page.getByRole("button", { name: "Developer Menu" }).press("Enter");
  await page.getByRole("button", { name: "Copy Address" }).click();
  assert.deepEqual((await kinds()).slice(-3), ["reload", "menu", "copy"]);

  const reason = "mobile doesn't run, so a phone finds nothing.";
  const stopped = {
    ...data,
    place: { kind: "none", reason },
    canStart: true,
    noKeys: "It takes keys while it runs.",
  };
  await send({ kind: "phone", data: stopped });
  await takeScreenshot(page, "phone-stopped");
  assert.equal(await page.locator("svg").count(), 0, "an address that is of no use isn't shown");
  assert.equal(await page.getByRole("status").first().textContent(), reason);
  assert.equal(await page.getByRole("button", { name: "Reload App" }).isDisabled(), true);
  await page.getByRole("button", { name: "Start Server" }).click();
  assert.deepEqual((await kinds()).at(-1), "start");
  assert.notEqual(await page.title(), "owned");
  assert.deepEqual(troubles, []);
});

test("axe finds nothing serious on the phone's page in any theme, and a keyboard gets to its buttons", async (t) => {
  const opened = await openInBrowser(t, kind, viewport);
  await opened.send({ kind: "phone", data: { ...data, canStart: true, said: "Asked to reload." } });
  const walked = await walkByKeyboard(opened);
  assert.deepEqual(walked, [
    "button Start Server",
    "button Copy Address",
    "button Reload App",
    "button Developer Menu",
  ]);
  await assertAccessible(opened);
});

/** What a camera in front of the screen would read: the picture, in pixels. */
async function readByPhone({ page }: PageInBrowser): Promise<string> {
  const pixels = async () => {
    const picture = (await page.locator(".code").screenshot()).toString("base64");
    const read = await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
      canvas?.drawImage(image, 0, 0);
      const data = canvas?.getImageData(0, 0, image.width, image.height).data ?? [];
      return { width: image.width, height: image.height, data: [...data] };
    }, picture);
    return { ...read, data: Uint8Array.from(read.data) };
  };
  return waitFor("the code", async () => decodeQR(await pixels()) || undefined);
}
