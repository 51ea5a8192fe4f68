import type { Scope } from "../../shared/base/disposable.ts";
import type { LanguageServer, LanguageServerOptions } from "../language/server.ts";
import type { Caller, Listeners } from "./handlers.ts";

/**
 * One language server per client, from its first message until it says `exit` or goes. Loaded for the first one: its
 * library is a fifth of the daemon's code, and a terminal alone never needs it.
 */
export function languageListeners(
  options: Pick<LanguageServerOptions, "sessions" | "trustedFile" | "log">,
): Pick<Listeners, "language/message"> {
  const servers = new WeakMap<Scope, Promise<LanguageServer>>();
  const begin = async ({ scope, notify }: Caller): Promise<LanguageServer> => {
    const { LanguageServer } = await import("../language/server.ts");
    const server: LanguageServer = new LanguageServer({
      ...options,
      send: (message) => notify("language/message", { message }),
      onExit: () => server.dispose(),
    });
    return scope.add(server);
  };
  return {
    "language/message": ({ message }, caller) => {
      const serving = servers.get(caller.scope) ?? begin(caller);
      // What follows an `exit` is for the next server, also while that is yet to be read.
      if (isExit(message)) servers.delete(caller.scope);
      else servers.set(caller.scope, serving);
      // In the order in which they came.
      serving.then(
        (server) => server.receive(message),
        (err: unknown) => options.log.error({ err }, "the language server can't be loaded"),
      );
    },
  };
}

function isExit(message: object): boolean {
  return "method" in message && message.method === "exit";
}
