import type { Page, PageScreenshotOptions } from "playwright-core";

/** Whether pictures in docs are to be replaced: without being asked for, a test changes no file. */
export const updatesPictures = process.env["DEVLATCH_UPDATE_PICTURES"] === "1";

/** Colours of a picture: with more of them the pictures of docs would be three times as large, and look the same. */
const colours = 128;

/** Saves what a page shows as a picture for docs, small enough for a package. @param file absolute path of a PNG */
export async function savePicture(
  page: Page,
  file: string,
  options: Pick<PageScreenshotOptions, "clip"> = {},
): Promise<void> {
  // Loaded here: what only takes screenshots needs no native part for pictures.
  const { default: sharp } = await import("sharp");
  const shot = await page.screenshot({ animations: "disabled", ...options });
  await sharp(shot).png({ palette: true, colours, effort: 10, compressionLevel: 9 }).toFile(file);
}
