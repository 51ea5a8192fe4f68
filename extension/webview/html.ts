import { type PageTexts, textsId, textsJson } from "./page-texts.ts";

/** A page's files as the webview reaches them, and its title. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
  /** The webview's own origin, for its content security policy. */
  readonly origin: string;
  readonly title: string;
  /** What it shows texts in. */
  readonly spoken: PageTexts;
}

/** A page: nothing runs in it but our own script, and nothing is loaded from elsewhere. @param nonce fresh */
export function pageHtml({ script, style, origin, title, spoken }: PageParts, nonce: string): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${origin}; font-src 'none'; img-src 'none'; connect-src 'none'; form-action 'none'; base-uri 'none'`;
  return `<!DOCTYPE html>
<html lang="${escaped(spoken.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>${escaped(title)}</title>
</head>
<body>
<main id="page" aria-label="${escaped(title)}"></main>
<script type="application/json" id="${textsId}">${textsJson(spoken.texts)}</script>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}

/** An app's name and a folder's are others' text. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
