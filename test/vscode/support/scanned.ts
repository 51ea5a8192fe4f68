import type { Locator } from "playwright-core";
import { decodeQR } from "qr/decode.js";

/** Runs in the page: the pixels of a picture, as its width, height and bytes of red, green, blue and alpha. */
const pixelsOf = `async (source) => {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const { width, height } = picture;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  return { width, height, data: [...canvas.getImageData(0, 0, width, height).data] };
}`;

/** What a phone's camera reads from a QR code as it is on the screen. @throws Error where no code is seen */
export async function scanned(code: Locator): Promise<string> {
  const seen = await code.screenshot({ animations: "disabled" });
  // Not in the editor's own page, which loads no pictures from outside.
  const aside = await code.page().context().newPage();
  try {
    const source = JSON.stringify(`data:image/png;base64,${seen.toString("base64")}`);
    const pixels = await aside.evaluate<{ width: number; height: number; data: number[] }>(
      `(${pixelsOf})(${source})`,
    );
    return decodeQR({ ...pixels, data: Uint8Array.from(pixels.data) });
  } finally {
    await aside.close();
  }
}
