/** A picture on a line of its own, and the empty line behind it. */
const ownLine = /^!\[[^\]]*\]\([^)]*\)\n\n?/gm;
const picture = /(!\[[^\]]*\]\()(?![a-z]+:)([^)]+\))/g;

/**
 * The extension's page as it is packed. The editor shows pictures from the web alone, neither files of the extension nor such as
 * are within the page: without an address the page goes without them.
 * @param markdown as it stands in the repository, with paths from there
 * @param pictures address of the repository's files, `https://…`; undefined where they are nowhere on the web
 */
export function pageFor(markdown: string, pictures: string | undefined): string {
  if (pictures === undefined) return markdown.replaceAll(ownLine, "");
  return markdown.replaceAll(picture, `$1${pictures.replace(/\/$/, "")}/$2`);
}
