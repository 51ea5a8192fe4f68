import { config } from "@vscode/l10n";
import { textsId } from "../page-texts.ts";

// The page's own language: imported before anything that shows a text, it takes what the extension put into the page.
config({ contents: document.getElementById(textsId)?.textContent || "{}" });
