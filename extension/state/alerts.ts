import type { Alert } from "../../shared/model/alert.ts";
import type { WindowState } from "./window-state.ts";

/** The alerts that concern this window: of its workspace, or of the machine. Others stand under Other Workspaces. */
export function alertsHere({ board, folders }: WindowState): readonly Alert[] {
  const own = new Set(folders.map(({ sandbox }) => sandbox?.sandboxId));
  return board.alerts.filter(({ sandboxIds }) => sandboxIds?.some((id) => own.has(id)) !== false);
}

/** The alert about a session, which its row stands for. @param key of the session */
export function alertOf({ board }: WindowState, key: string): Alert | undefined {
  return board.alerts.find(({ session }) => session === key);
}
