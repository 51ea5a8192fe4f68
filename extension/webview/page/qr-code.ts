import { t } from "@vscode/l10n";
import encodeQR from "qr";

/** Light squares around the code, without which phones don't find it (ISO/IEC 18004: four). */
const quiet = 4;
const svgNamespace = "http://www.w3.org/2000/svg";

/** A QR code as a picture of squares, and how many there are at a side. @param text what a phone reads from it */
export function qrCode(text: string): { readonly picture: SVGSVGElement; readonly squares: number } {
  const rows = encodeQR(text, "raw", { ecc: "medium", border: quiet });
  const picture = document.createElementNS(svgNamespace, "svg");
  picture.setAttribute("viewBox", `0 0 ${rows.length} ${rows.length}`);
  picture.setAttribute("shape-rendering", "crispEdges");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", t("QR code of {0}", text));
  const path = document.createElementNS(svgNamespace, "path");
  path.setAttribute("d", rows.map(rowPath).join(""));
  path.setAttribute("fill", "currentColor");
  picture.append(path);
  return { picture, squares: rows.length - 2 * quiet };
}

function rowPath(row: readonly boolean[], y: number): string {
  return row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")).join("");
}
