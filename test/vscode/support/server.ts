import { randomUUID } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBrowser } from "../../support/browser.ts";
import { type Running, startProgram } from "../../support/child.ts";
import { userEnv } from "../../support/env.ts";
import { needCodeServer } from "../../support/install/code-server.ts";
import type { Owner } from "../../support/owner.ts";
import { endProcesses, processesWith } from "../../support/processes.ts";
import { bundleSuite } from "./bundle.ts";
import type { SuiteResult } from "./protocol.ts";
import { openWindow, type VsCodeWindow, type WindowOptions } from "./window.ts";

export interface VsCodeOptions {
  /** Environment of the server, and so of every extension host and terminal: `DEVLATCH_HOME` belongs here. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether folders open trusted; true unless told. Without trust they open in restricted mode. */
  readonly trusted?: boolean;
  /** Settings of the user. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Extensions that are installed, by name: path of each. */
  readonly extensions?: Readonly<Record<string, string>>;
}

/** A real VS Code server with its own data, and the browser its windows are opened in. */
export interface VsCode {
  /** `127.0.0.1:PORT` */
  readonly authority: string;
  /** What the server has printed. */
  log(): string;
  /** Opens one more window; the server may have any number of them at once. */
  openWindow(options: WindowOptions): Promise<VsCodeWindow>;
  /**
   * Opens a window, runs a suite in its extension host and waits for the results.
   * @param beside what a person does in the window meanwhile
   * @param suite path of a TypeScript module that exports `run` (see `suite()`)
   * @throws Error if the suite never begins, or hangs for `timeoutMs` (ten minutes)
   */
  runSuite(
    options: WindowOptions & {
      suite: string;
      timeoutMs?: number;
      beside?: (window: VsCodeWindow) => Promise<void>;
    },
  ): Promise<SuiteResult>;
  /** Ends windows, browser, server, extension hosts and terminals. */
  dispose(): Promise<void>;
}

/** Marks everything the server starts, so that all of it can be ended. */
const cookie = "DEVLATCH_TEST_VSCODE";

/** Starts a server on a free port; it ends with its owner. Installs VS Code first where it is missing. */
export async function startVsCode(owner: Owner, options: VsCodeOptions = {}): Promise<VsCode> {
  const { serverEntry } = await needCodeServer();
  const data = mkdtempSync(join(realpathSync(tmpdir()), "devlatch-vscode-"));
  const id = randomUUID();
  const ended: Array<() => Promise<void>> = [];
  const dispose = async () => {
    for (const end of ended.splice(0).reverse()) await end();
  };
  owner.after(dispose);
  ended.push(async () => rmSync(data, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }));
  ended.push(() => endProcesses(() => processesWith(cookie, id)));
  writeUserSettings(data, options.settings ?? {});
  for (const [name, path] of Object.entries(options.extensions ?? {}))
    cpSync(path, join(data, "extensions", name), { recursive: true });
  // The server and its extensions put their sockets there and never remove them.
  const env = userEnv({ ...options.env, XDG_RUNTIME_DIR: data, [cookie]: id });
  const server = await startProgram(process.execPath, serverArguments(serverEntry, data, options), {
    env,
    cwd: data,
  });
  const authority = await listening(server);
  const browser = await openBrowser({ after: (end) => ended.push(async () => end()) });
  const open = (window: WindowOptions) => openWindow(browser, authority, window);
  return {
    authority,
    log: () => `${server.stdout()}${server.stderr()}`,
    openWindow: open,
    runSuite: async ({ suite, timeoutMs, beside, ...window }) => {
      const bundled = await bundleSuite(suite, { after: (end) => ended.push(async () => end()) });
      const opened = await open({ ...window, tests: bundled });
      const ran = Promise.all([opened.results(timeoutMs), beside?.(opened)]);
      return ran.then(([results]) => results).finally(() => opened.close());
    },
    dispose,
  };
}

function serverArguments(entry: string, data: string, { trusted = true }: VsCodeOptions): string[] {
  return [
    entry,
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--without-connection-token",
    // What makes a built workbench accept development extensions.
    "--enable-smoke-test-driver",
    "--accept-server-license-terms",
    "--telemetry-level",
    "off",
    "--user-data-dir",
    join(data, "user"),
    "--server-data-dir",
    join(data, "server"),
    "--extensions-dir",
    join(data, "extensions"),
    ...(trusted ? ["--disable-workspace-trust"] : []),
  ];
}

/** The server picks the port itself, so no process can take it in between. */
async function listening(server: Running): Promise<string> {
  const match = await server.printed(/Extension host agent listening on (\d+)/);
  return `127.0.0.1:${match[1]}`;
}

function writeUserSettings(data: string, settings: Readonly<Record<string, unknown>>): void {
  const calm = {
    // A browser window would save after a second: a busy machine may take longer to what a test does next.
    "files.autoSave": "off",
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": false,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": true,
    "extensions.ignoreRecommendations": true,
    "security.workspace.trust.startupPrompt": "never",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
  };
  for (const file of [
    "user/User/settings.json",
    "server/data/Machine/settings.json",
    "user/Machine/settings.json",
  ]) {
    mkdirSync(join(data, file, ".."), { recursive: true });
    writeFileSync(join(data, file), JSON.stringify({ ...calm, ...settings }, null, 2));
  }
}
