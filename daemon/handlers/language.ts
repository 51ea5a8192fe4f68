import type { Scope } from "../../shared/base/disposable.ts";
import { sessionKey } from "../../shared/model/session.ts";
import type { SessionSource } from "../language/contract.ts";
import { LanguageServer } from "../language/server.ts";
import type { Caller, Listeners } from "./contract.ts";
import type { Parts } from "./parts.ts";
import { locateSandbox } from "./targets.ts";

type LanguageParts = Pick<Parts, "workspace" | "machineId" | "sandboxes" | "sessions" | "log">;

/** One language server per client, from its first message until it says `exit` or goes. */
export function languageListeners(parts: LanguageParts): Pick<Listeners, "language/message"> {
  const servers = new WeakMap<Scope, LanguageServer>();
  const sessions = sessionSource(parts);
  const begin = ({ scope, notify }: Caller): LanguageServer => {
    const server: LanguageServer = new LanguageServer({
      sessions,
      log: parts.log,
      send: (message) => notify("language/message", { message }),
      onExit: () => {
        servers.delete(scope);
        server.dispose();
      },
    });
    servers.set(scope, server);
    return scope.add(server);
  };
  return {
    "language/message": ({ message }, caller) => {
      (servers.get(caller.scope) ?? begin(caller)).receive(message);
    },
  };
}

function sessionSource(parts: LanguageParts): SessionSource {
  const { registry } = parts.sessions;
  return {
    sandboxOf: async (directory) => (await locateSandbox(parts, directory)).sandboxId,
    find: (sandboxId, app) => registry.peek(sessionKey(sandboxId, app)),
    onChanged: registry.onChanged,
  };
}
