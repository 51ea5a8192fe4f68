import { t } from "@vscode/l10n";
import type { StartResult } from "../../shared/protocol/methods.ts";
import { openUrl, previewUrl } from "./browser.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";

/** What follows when servers are ready that a person of this window asked for, after their taste (`onReady`). */
export function announce(results: readonly StartResult[], { settings }: Pick<Services, "settings">): void {
  const { notifications, onReady } = settings();
  const reachable = results.flatMap(({ url, ...result }) => (url === null ? [] : [{ ...result, url }]));
  for (const { url, outcome } of reachable) {
    if (outcome !== "started") continue;
    if (onReady === "browser") void openUrl(url);
    if (onReady === "preview") void previewUrl(url);
  }
  if (notifications === "all" || (notifications === "problems" && onReady === "notify")) void tell(reachable);
}

type Reachable = StartResult & { readonly url: string };

async function tell(results: readonly Reachable[]): Promise<void> {
  const [first] = results;
  if (first === undefined) return;
  if (results.length > 1) {
    void say("information", results.map(({ app, url }) => t("{0} is ready at {1}", app, url)).join(", "));
    return;
  }
  const open = t("Open in Browser");
  const preview = t("Open Preview");
  const picked = await say("information", wordsOf(first), open, preview);
  if (picked === open) await openUrl(first.url);
  if (picked === preview) await previewUrl(first.url);
}

function wordsOf({ app, outcome, url }: Reachable): string {
  const words: Readonly<Record<StartResult["outcome"], string>> = {
    started: t("{0} is ready at {1}", app, url),
    reused: t("{0} already runs at {1}", app, url),
    adopted: t("{0} was found running at {1}", app, url),
    external: t("{0} runs elsewhere, at {1}", app, url),
    done: t("{0} is done: {1}", app, url),
    unchanged: t("{0} was done before: {1}", app, url),
  };
  return words[outcome];
}
