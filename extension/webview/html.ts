/** Where the page's files are, as the webview reaches them. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
  /** The webview's own origin, for its content security policy. */
  readonly origin: string;
}

/** The page of the dashboard: nothing runs in it but our own script, and nothing is loaded from elsewhere. @param nonce fresh */
export function dashboardHtml({ script, style, origin }: PageFiles, nonce: string): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${origin}; font-src 'none'; img-src 'none'; connect-src 'none'; form-action 'none'; base-uri 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>Devlatch Dashboard</title>
</head>
<body>
<main id="dashboard" aria-label="Devlatch Dashboard"></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}
