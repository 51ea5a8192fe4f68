import { type Disposable, Scope } from "../../../shared/base/disposable.ts";
import { Attachment } from "../../../shared/client/attachment.ts";
import type { Connection } from "../../../shared/client/connection.ts";
import type { Exit } from "../../../shared/model/exit.ts";
import { replayable } from "./replay.ts";
import type { Screen } from "./screen.ts";
import type { Typing } from "./typing.ts";

/** Why a view is over. `dropped`: this terminal was too slow; `lost`: the daemon ended. */
export type Ending =
  | { readonly kind: "ended"; readonly reason: string; readonly exit?: Exit | undefined }
  | { readonly kind: "dropped" }
  | { readonly kind: "lost" };

/** One attachment of this terminal to a session's, over one connection. */
export interface View extends Disposable {
  readonly over: Promise<Ending>;
}

export interface ViewParts {
  readonly connection: Connection;
  readonly screen: Screen;
  readonly typing: Typing;
  readonly size: () => { columns: number; rows: number };
}

/** Output this terminal may be behind, in bytes: more would grow without bound with a terminal that is stuck. */
const maxBacklogBytes = 1024 * 1024;

/**
 * Attaches: what was on the session's terminal is shown, then what follows; keys and sizes go the other way.
 * @param before is called when attached, before anything is shown
 * @throws DevlatchError why it can't be attached to; the signal's reason
 */
export async function openView(
  parts: ViewParts,
  app: { readonly cwd: string; readonly app: string },
  before: () => void,
  signal: AbortSignal,
): Promise<View> {
  const { connection, screen, typing, size } = parts;
  const scope = new Scope();
  const over = Promise.withResolvers<Ending>();
  const show = (text: string) => {
    screen.write(text);
    if (screen.backlog > maxBacklogBytes) over.resolve({ kind: "dropped" });
  };
  const attachment = new Attachment(connection, {
    onScrollback: (text) => {
      before();
      screen.write(replayable(text));
    },
    onOutput: show,
    onClosed: ({ cause, reason, exit }) => over.resolve({ kind: cause, reason, exit }),
  });
  scope.add(attachment);
  scope.add(connection.onClosed(() => over.resolve({ kind: "lost" })));
  const resize = () => attachment.resize(size().columns, size().rows);
  scope.add(screen.onResized(resize));
  try {
    const asked = size();
    await attachment.open({ ...app, ...asked }, signal);
    if (size().columns !== asked.columns || size().rows !== asked.rows) resize();
  } catch (error) {
    scope.dispose();
    throw error;
  }
  scope.add(typing.sendTo((text) => attachment.input(text)));
  return { over: over.promise, dispose: () => scope.dispose() };
}
