import type { Page, PageScreenshotOptions } from "playwright-core";

/** Whether pictures in docs are to be replaced: without being asked for, a test changes no file. */
export const updatesPictures = process.env["DEVLATCH_UPDATE_PICTURES"] === "1";

/** Colours of a picture: with more of them the pictures of docs would be three times as large, and look the same. */
const colours = 128;

/** The extension's icon, from the glyph that stands in the activity bar. @param glyph text of an SVG, drawn in `currentColor` */
export async function drawIcon(glyph: string, file: string): Promise<void> {
  const { default: sharp } = await import("sharp");
  const ground = `<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><rect width="256" height="256" rx="56" fill="#1f4e79"/></svg>`;
  const white = glyph
    .replace("currentColor", "#ffffff")
    .replace(/width="24" height="24"/, 'width="176" height="176"');
  const drawn = sharp(Buffer.from(ground)).composite([{ input: Buffer.from(white), left: 40, top: 40 }]);
  await sharp(await drawn.png().toBuffer())
    .png({ palette: true, colours: 64, effort: 10, compressionLevel: 9 })
    .toFile(file);
}

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
