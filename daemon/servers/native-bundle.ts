import * as z from "zod";
import { type Answer, visit } from "./visit.ts";

/** What of Expo's manifest is needed here. */
const Manifest = z.object({
  launchAsset: z.object({ url: z.string().max(4_000) }),
  extra: z
    .object({ expoClient: z.object({ platforms: z.array(z.string()).max(20).optional() }).optional() })
    .optional(),
});

const nativePlatforms = ["android", "ios"] as const;

/**
 * The bundle that a phone would load from an Expo server, asked of its manifest as the phone asks. The manifest names
 * an address of the local network: the same path is taken from the server's own.
 * @param server any page of it
 * @returns undefined where the app has no native platform, or the server no manifest
 * @throws the signal's reason
 */
export async function nativeBundleOf(server: URL, signal: AbortSignal): Promise<URL | undefined> {
  for (const platform of nativePlatforms) {
    const accept = "application/expo+json,application/json";
    const headers = { accept, "expo-platform": platform };
    const answer = await visit(new URL("/", server), signal, headers);
    const manifest = manifestIn(answer);
    if (manifest === undefined) return undefined;
    const platforms = manifest.extra?.expoClient?.platforms ?? nativePlatforms;
    if (platforms.includes(platform)) return ownUrl(manifest.launchAsset.url, server);
  }
  return undefined;
}

function manifestIn(answer: Answer | undefined): z.output<typeof Manifest> | undefined {
  if (answer?.status !== 200) return undefined;
  try {
    return Manifest.safeParse(JSON.parse(answer.text)).data;
  } catch {
    return undefined;
  }
}

function ownUrl(named: string, server: URL): URL | undefined {
  const url = URL.parse(named, server.href);
  return url === null ? undefined : new URL(`${url.pathname}${url.search}`, server.origin);
}
