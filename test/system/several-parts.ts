import { createServer } from "node:net";
import type { TestContext } from "node:test";
import type { StatusResult } from "../../shared/protocol/methods.ts";
import { type OpenCase, openCase } from "./cases/open-case.ts";

/** What the command line says of one app of several, as JSON. */
export interface Part {
  readonly app: string;
  readonly outcome?: string;
  readonly port?: number | null;
  readonly error?: { readonly code: string; readonly message: string };
}

/** The project `several-parts`, opened. */
export interface Project extends OpenCase {
  /** Has the database listen. */
  startDatabase(): Promise<void>;
}

/** A web app, an API, a task and a database that all of them need. */
export async function openProject(context: TestContext): Promise<Project> {
  const opened = await openCase(context, "several-parts", { ports: [42_811, 42_812, 42_813, 42_814] });
  const startDatabase = async () => {
    const database = createServer((socket) => socket.on("error", () => {}).end());
    context.after(() => database.close());
    await new Promise<void>((resolve) => database.listen(opened.ports[3], "127.0.0.1", resolve));
  };
  return { ...opened, startDatabase };
}

/** The apps that are ready, in order. */
export const running = async ({ json }: OpenCase) =>
  (await json<StatusResult>("status")).sessions
    .filter(({ state }) => state.kind === "ready")
    .map(({ app }) => app)
    .sort();

/** How often the project's task has run. */
export const migrations = ({ read }: OpenCase) => read("migrated.txt").split("\n").length - 1;
