import * as vscode from "vscode";
import type { Disposable } from "../../shared/base/disposable.ts";
import { isActive } from "../../shared/model/session-state.ts";
import { editorBuiltIns } from "../contributions/commands.ts";
import { contextKeys, type StateKey } from "../contributions/context-keys.ts";
import { beginningOf } from "../state/beginning.ts";
import { isExpo } from "../state/expo.ts";
import type { StateRepository } from "../state/repository.ts";
import { serversOf } from "../state/servers.ts";
import type { WindowState } from "../state/window-state.ts";
import { localTime } from "../state/words.ts";
import { serverNodes } from "./server-nodes.ts";

/** Keeps the context keys of the manifest's `when` clauses in step with the state. */
export function bindContextKeys(state: StateRepository): Disposable {
  const set = new Map<StateKey, string>();
  const update = () => {
    for (const [key, value] of Object.entries(valuesIn(state.current)) as [StateKey, Value][]) {
      const text = JSON.stringify(value);
      if (set.get(key) === text) continue;
      set.set(key, text);
      void vscode.commands.executeCommand(editorBuiltIns.setContext, contextKeys[key], value);
    }
  };
  update();
  return state.onChanged(update);
}

type Value = string | boolean | readonly string[];

function valuesIn(state: WindowState): Readonly<Record<StateKey, Value>> {
  const servers = serversOf(state);
  const described = state.folders.every(({ sandbox, error }) => sandbox || error);
  return {
    connected: state.link.kind === "connected",
    link: state.link.kind,
    storeDiffers: state.link.kind === "disconnected" && state.link.error.code === "STORE_DIFFERS",
    apps: servers.map(({ app }) => app),
    hasActive: servers.some((server) => isActive(server.state)),
    hasReady: servers.some((server) => server.state.kind === "ready"),
    begins: beginningOf(state).kind !== "none",
    hasExpo: servers.some((server) => server.state.kind === "ready" && isExpo(server)),
    hasServers: !described || serverNodes(state, localTime).length > 0,
  };
}
