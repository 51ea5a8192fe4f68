import type { Server } from "./servers.ts";

/** Whether a server is Expo's, which phones open by a code: as it runs, else as its files say. */
export function isExpo({ session, summary }: Server): boolean {
  return (session?.framework ?? summary?.framework) === "expo";
}
