import assert from "node:assert/strict";
import * as vscode from "vscode";
import { commands } from "../../../extension/contributions/commands.ts";
import { taskType } from "../../../extension/contributions/tasks.ts";
import { focusCommand, type ViewName, views } from "../../../extension/contributions/views.ts";
import type { Shown } from "../../../extension/webview/dashboard.ts";
import type { StartResult, StopResult } from "../../../shared/protocol/methods.ts";
import { freePort } from "../../support/ports.ts";
import { waitFor } from "../../support/wait.ts";
import type { Cases } from "../support/suite.ts";
import { configureWeb, devlatch, statusTexts, untilWeb, webOf, workspaceFolder } from "./api.ts";
import { openTerminal } from "./terminal.ts";

const execute = (id: string, argument?: unknown) => vscode.commands.executeCommand<unknown>(id, argument);

/** What a user does with one server, from a trusted window, in order. */
export const servers: Cases = {
  "the extension activates, reaches the daemon it starts, and shows the app of the folder": async (
    signal,
  ) => {
    const api = await devlatch();
    const state = await api.state.until(({ folders }) => folders[0]?.sandbox !== undefined, signal);
    assert.equal(api.connection.link.kind, "connected");
    assert.equal(webOf(state)?.state.kind, "stopped");
    assert.deepEqual(statusTexts(api), ["$(circle-outline) web"]);
  },

  "every command is registered": async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = Object.values(commands).filter(({ id }) => !registered.has(id));
    assert.deepEqual(missing, []);
  },

  "the views are there and can be shown": async () => {
    for (const view of Object.keys(views) as ViewName[]) await execute(focusCommand(view));
  },

  "a devlatch.json that is written is noticed": async (signal) => {
    await configureWeb(await devlatch(), { command: "node server.js", port: await freePort() }, signal);
  },

  "the editor knows devlatch.json: comments are fine, a misspelt setting is marked": async (signal) => {
    const file = vscode.Uri.joinPath(workspaceFolder(), "devlatch.json");
    const document = await vscode.workspace.openTextDocument(file);
    assert.equal(document.languageId, "jsonc");
    const edit = new vscode.WorkspaceEdit();
    edit.replace(
      file,
      new vscode.Range(0, 0, 99, 0),
      '// a comment\n{"apps": {"web": {"comand": "npm run dev"}}}\n',
    );
    await vscode.workspace.applyEdit(edit);
    await vscode.window.showTextDocument(document);
    const marked = await diagnosticsOf(file, signal);
    assert.match(marked.map(({ message }) => message).join(), /comand/);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    const kept = Buffer.from(await vscode.workspace.fs.readFile(file)).toString();
    assert.doesNotMatch(kept, /comand/, "nothing was saved");
  },

  "the palette's command starts the server; the status bar shows its port": async (signal) => {
    const api = await devlatch();
    const result = (await execute(commands.start.id)) as StartResult;
    assert.equal(result.outcome, "started");
    await untilWeb(api, "ready", signal);
    assert.deepEqual(statusTexts(api), [`$(pass-filled) web :${result.port}`]);
    const answer = await fetch(result.url ?? "", { signal });
    assert.equal(await answer.text(), "Hello from plain\n");
  },

  "starting it once more gives the same server": async () => {
    const api = await devlatch();
    const pid = pidOf(webOf(api.state.current));
    const again = (await execute(commands.start.id, { app: "web" })) as StartResult;
    assert.deepEqual([again.outcome, again.pid], ["reused", pid]);
  },

  "the terminal shows what the server wrote, and takes input": async (signal) => {
    const terminal = await openTerminal();
    await terminal.shows("Listening on http://", signal);
    terminal.type("typed by a test");
    await terminal.shows("typed by a test", signal);
  },

  "the command line is there in every terminal, on the editor's own runtime": async () => {
    const file = vscode.Uri.joinPath(workspaceFolder(), "from-terminal.txt");
    const terminal = vscode.window.createTerminal("by hand");
    terminal.sendText(`devlatch --version > "${file.fsPath}"`);
    const text = await waitFor("the command's answer", async () => {
      const written = await vscode.workspace.fs.readFile(file).then(String, () => "");
      return written.endsWith("\n") ? written : undefined;
    });
    terminal.dispose();
    assert.match(text, /^\d+\.\d+\.\d+\n$/);
  },

  "a second click while it starts shows the one that runs, and starts nothing else": async (signal) => {
    const api = await devlatch();
    await execute(commands.stop.id, { app: "web" });
    await untilWeb(api, "stopped", signal);
    const aside = vscode.window.createTerminal("aside");
    aside.show();
    await waitFor("another terminal", () => vscode.window.activeTerminal === aside);
    const both = [execute(commands.start.id, { app: "web" }), execute(commands.start.id, { app: "web" })];
    const [one, two] = (await Promise.all(both)) as StartResult[];
    assert.deepEqual([one?.outcome, two], ["started", one]);
    await untilWeb(api, "ready", signal);
    await waitFor("its terminal", () => vscode.window.activeTerminal?.name === "web dev server");
    aside.dispose();
  },

  "a killed daemon comes back by itself, with the same server and the terminal attached again": async (
    signal,
  ) => {
    const api = await devlatch();
    const terminal = await openTerminal();
    const pid = pidOf(webOf(api.state.current));
    const { daemon } = await api.connection.request("daemon/status", {});
    process.kill(daemon.pid, "SIGKILL");
    await api.state.until(({ link }) => link.kind !== "connected", signal);
    await api.state.until(({ link }) => link.kind === "connected", signal);
    await untilWeb(api, "ready", signal);
    assert.equal(pidOf(webOf(api.state.current)), pid);
    terminal.forget();
    await terminal.shows("Listening on http://", signal);
    const after = await api.connection.request("daemon/status", {});
    assert.notEqual(after.daemon.pid, daemon.pid);
  },

  "the dashboard opens, and its page shows the server with its plots": async () => {
    const first = (await execute(commands.openDashboard.id)) as Shown;
    assert.match(first.text, /web.*ready.*http:\/\/localhost:\d+.*CPU.*Memory.*Processes.*Answer.*Latency/s);
    assert.equal(first.plots, 5);
    assert.equal(await execute(commands.openDashboard.id), first, "there is one");
    const { tabs } = vscode.window.tabGroups.activeTabGroup;
    await vscode.window.tabGroups.close(tabs.filter(({ label }) => label === "Devlatch Dashboard"));
  },

  "Ctrl-C in the terminal is a stop, and Enter there starts it again": async (signal) => {
    const api = await devlatch();
    const terminal = await openTerminal();
    const before = pidOf(webOf(api.state.current));
    terminal.forget();
    terminal.type("\u0003");
    await untilWeb(api, "stopped", signal);
    await terminal.shows("web was stopped. Press Enter to start it again.", signal);
    assert.deepEqual(api.state.current.board.alerts, []);
    terminal.forget();
    terminal.type("\r");
    await untilWeb(api, "ready", signal);
    assert.notEqual(pidOf(webOf(api.state.current)), before);
    await terminal.shows("Listening on http://", signal);
  },

  "the toggle stops it, its terminal says that, and the port is free": async (signal) => {
    const api = await devlatch();
    const terminal = await openTerminal();
    terminal.forget();
    const { state } = webOf(api.state.current) ?? {};
    assert.equal(state?.kind, "ready");
    await execute(commands.toggleWeb.id);
    await untilWeb(api, "stopped", signal);
    assert.deepEqual(statusTexts(api), ["$(circle-outline) web"]);
    await terminal.shows("web was stopped. Press Enter to start it again.", signal);
    if (state?.kind === "ready") await assert.rejects(fetch(state.url, { signal }));
  },

  "a task is done when the server is ready, so that a debugger can wait for it; another run reuses it":
    async (signal) => {
      const api = await devlatch();
      const port = await freePort();
      await configureWeb(api, { command: "node server.js", port }, signal);
      assert.equal(await runTask("web"), 0);
      const { state } = webOf(api.state.current) ?? {};
      assert.equal(state?.kind, "ready");
      assert.equal(await runTask("web"), 0);
      assert.equal(pidOf(webOf(api.state.current)), state.kind === "ready" ? state.pid : undefined);
      await execute(commands.stop.id, { app: "web" });
      await untilWeb(api, "stopped", signal);
    },

  "all that belongs together starts at a command, what is used first, and stops at another": async (
    signal,
  ) => {
    const api = await devlatch();
    const server = async () => ({ command: "node server.js", port: await freePort() });
    const apps = {
      web: { ...(await server()), dependsOn: ["api", "once"] },
      api: await server(),
      once: { kind: "task", command: "node -e 0" },
    };
    const file = vscode.Uri.joinPath(workspaceFolder(), "devlatch.json");
    await vscode.workspace.fs.writeFile(file, Buffer.from(JSON.stringify({ apps })));
    await api.state.until(({ folders }) => folders[0]?.sandbox?.apps.length === 3, signal);
    const started = (await execute(commands.startAll.id)) as StartResult[];
    assert.deepEqual(
      new Set(started.map(({ app, outcome }) => `${app} ${outcome}`)),
      new Set(["api started", "once done", "web started"]),
    );
    await untilWeb(api, "ready", signal);
    const stopped = (await execute(commands.stopAll.id)) as StopResult[];
    assert.deepEqual(
      stopped.map(({ session, outcome }) => `${session} ${outcome}`),
      ["dev_server_web stopped", "dev_server_api stopped"],
    );
    await untilWeb(api, "stopped", signal);
  },

  "a server that is started by hand is seen, and its row leads to the terminal it was started in": async (
    signal,
  ) => {
    const api = await devlatch();
    const port = await freePort();
    await configureWeb(api, { command: "node server.js", port }, signal);
    const terminal = vscode.window.createTerminal("npm");
    const other = vscode.window.createTerminal("other");
    other.show();
    await vscode.commands.executeCommand(focusCommand("servers"));
    terminal.sendText(`PORT=${port} node server.js`);
    const state = await api.state.until(({ terminals }) => terminals.size > 0, signal);
    const web = webOf(state);
    assert.deepEqual([web?.session?.hosting, [...state.terminals.values()]], ["adopted", ["npm"]]);
    await execute(commands.openTerminal.id, { app: "web" });
    await waitFor("that terminal", () => vscode.window.activeTerminal === terminal);
    terminal.dispose();
    await untilWeb(api, "stopped", signal);
    assert.equal(api.state.current.terminals.size, 0);
    other.dispose();
  },

  "a server that fails says so in the status bar": async (signal) => {
    const api = await devlatch();
    await configureWeb(api, { command: "node missing.js", port: await freePort() }, signal);
    assert.equal(await execute(commands.start.id), undefined);
    await untilWeb(api, "failed", signal);
    assert.deepEqual(statusTexts(api), ["$(error) web"]);
  },

  "diagnostics for a bug report open as a document that names neither the folder nor a value of the environment":
    async () => {
      const file = await execute(commands.diagnostics.id);
      const document = vscode.window.activeTextEditor?.document;
      assert.equal(document?.uri.fsPath, file);
      const text = document?.getText() ?? "";
      assert.equal(text.includes(workspaceFolder().fsPath), false);
      const { status, environment } = JSON.parse(text) as {
        status: { sessions: { root: string }[] };
        environment: Record<string, string>;
      };
      assert.equal(status.sessions[0]?.root, "<workspace-1>");
      assert.deepEqual([...new Set(Object.values(environment))], ["<value>"]);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    },

  "while the daemon is stopped the window says so; reconnecting brings it back": async (signal) => {
    const api = await devlatch();
    await api.connection.request("daemon/stop", {});
    await api.state.until(({ link }) => link.kind === "disconnected", signal);
    assert.deepEqual(statusTexts(api), ["$(debug-disconnect) web"]);
    await execute(commands.reconnect.id);
    await api.state.until(({ link }) => link.kind === "connected", signal);
    await untilWeb(api, "failed", signal);
    assert.deepEqual(statusTexts(api), ["$(error) web"]);
  },
};

function pidOf(server: ReturnType<typeof webOf>): number | undefined {
  return server?.state.kind === "ready" ? server.state.pid : undefined;
}

/** Runs the task that is offered for an app. @returns the code it ends with */
async function runTask(app: string): Promise<number | undefined> {
  const tasks = await vscode.tasks.fetchTasks({ type: taskType });
  const task = tasks.find(({ name }) => name === app);
  assert.ok(task, `no task ${app} among ${tasks.map(({ name }) => name).join()}`);
  const ended = new Promise<number | undefined>((resolve) => {
    const subscription = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name !== app) return;
      subscription.dispose();
      resolve(exitCode);
    });
  });
  await vscode.tasks.executeTask(task);
  return ended;
}

function diagnosticsOf(file: vscode.Uri, signal: AbortSignal): Promise<vscode.Diagnostic[]> {
  return new Promise((resolve, reject) => {
    const check = () => {
      const found = vscode.languages.getDiagnostics(file);
      if (found.length === 0) return;
      changed.dispose();
      resolve(found);
    };
    const changed = vscode.languages.onDidChangeDiagnostics(check);
    signal.addEventListener("abort", () => reject(new Error("Nothing was marked.")));
    check();
  });
}
