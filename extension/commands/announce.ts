import type { StartResult } from "../../shared/protocol/methods.ts";
import { openUrl, previewUrl } from "./browser.ts";
import { say } from "./say.ts";
import type { Services } from "./services.ts";

const open = "Open in Browser";
const preview = "Open Preview";

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
    void say("information", results.map(({ app, url }) => `${app} is ready at ${url}`).join(", "));
    return;
  }
  const picked = await say("information", wordsOf(first), open, preview);
  if (picked === open) await openUrl(first.url);
  if (picked === preview) await previewUrl(first.url);
}

function wordsOf({ app, outcome, url }: Reachable): string {
  const words = {
    started: "is ready at",
    reused: "already runs at",
    adopted: "was found running at",
    external: "runs elsewhere, at",
    done: "is done:",
    unchanged: "was done before:",
  }[outcome];
  return `${app} ${words} ${url}`;
}
