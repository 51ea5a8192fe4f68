import assert from "node:assert/strict";
import * as vscode from "vscode";
import { commands } from "../../../extension/contributions/commands.ts";
import type { BuildWaitResult } from "../../../shared/protocol/builds.ts";
import type { StartResult } from "../../../shared/protocol/methods.ts";
import { freePort } from "../../support/ports.ts";
import type { Cases } from "../support/suite.ts";
import { configureWeb, devlatch, statusTexts, untilWeb, webOf, workspaceFolder } from "./api.ts";
import { openTerminal } from "./terminal.ts";

const part = () => vscode.Uri.joinPath(workspaceFolder(), "src/part.ts");
let url = "";

/** Says what Vite says of a broken file and a mended one, when it is asked for these paths. */
const server = `
import { createServer } from "node:http";
const says = {
  "/break": "4:48:06 PM [vite] Internal server error: Unexpected token\\n  Plugin: vite:oxc\\n  File: " + process.cwd() + "/src/part.ts:2:14\\n",
  "/outside": "4:48:06 PM [vite] Internal server error: Not here\\n  File: /etc/hosts:1:1\\n",
  "/mend": "4:48:09 PM [vite] (client) page reload src/part.ts\\n",
};
createServer((request, response) => {
  process.stdout.write(says[request.url] ?? "");
  response.end();
}).listen(process.env.PORT, "127.0.0.1", () => console.log("  VITE v8.3.8  ready in 151 ms"));
`;

/** What the server says of the code, where the code is. */
export const problemsOfTheCode: Cases = {
  "an error of the build is a problem at its line, and the status bar counts it": async (signal) => {
    const api = await devlatch();
    await vscode.workspace.fs.writeFile(
      vscode.Uri.joinPath(workspaceFolder(), "vite.mjs"),
      Buffer.from(server),
    );
    await vscode.workspace.fs.writeFile(part(), Buffer.from("const a = 1;\nexport const part = ;\n"));
    const port = await freePort();
    await configureWeb(api, { command: "node vite.mjs", port }, signal);
    const started = (await vscode.commands.executeCommand(commands.start.id)) as StartResult;
    url = started.url ?? "";
    await api.state.until((state) => webOf(state)?.session?.build?.status === "clean", signal);
    assert.deepEqual(problems(part()), []);

    await fetch(new URL("/break", url), { signal });
    const [problem, ...others] = await untilProblems(part(), 1, signal);
    assert.deepEqual(others, []);
    assert.equal(problem?.message, "Unexpected token");
    assert.equal(problem?.source, "Devlatch: web");
    assert.deepEqual([problem?.range.start.line, problem?.range.start.character], [1, 13]);
    assert.deepEqual(statusTexts(api), [`$(pass-filled) web :${port} $(error) 1`]);
    const waited = (await vscode.commands.executeCommand(commands.wait.id, {
      app: "web",
    })) as BuildWaitResult;
    assert.deepEqual([waited.status, waited.errorCount], ["failed", 1]);
  },

  "it goes once the file is mended; a file outside the workspace is never marked": async (signal) => {
    const api = await devlatch();
    await fetch(new URL("/mend", url), { signal });
    await untilProblems(part(), 0, signal);
    await fetch(new URL("/outside", url), { signal });
    await api.state.until((state) => webOf(state)?.session?.build?.errorCount === 1, signal);
    await fetch(new URL("/break", url), { signal });
    await untilProblems(part(), 1, signal);
    assert.deepEqual(problems(vscode.Uri.file("/etc/hosts")), []);
  },

  "a place in the session's terminal is a link that opens the file at its line": async (signal) => {
    const { links } = await devlatch();
    await (await openTerminal()).shows("src/part.ts:2:14", signal);
    const terminal = vscode.window.terminals.find(({ name }) => name.startsWith("web"));
    assert.ok(terminal);
    const textOf = async (line: string, of = terminal) =>
      (await links.provideTerminalLinks({ terminal: of, line })).map(({ startIndex, length }) =>
        line.slice(startIndex, startIndex + length),
      );
    assert.deepEqual(await textOf("    at f (webpack-internal:///(rsc)/./src/part.ts:2:14)"), [
      "webpack-internal:///(rsc)/./src/part.ts:2:14",
    ]);
    const absolute = `${part().fsPath}:2`;
    assert.deepEqual(await textOf(`./src/part.ts:1:1 and ${absolute}.`), ["./src/part.ts:1:1", absolute]);
    assert.deepEqual(await textOf("src/missing.ts:1:1 /etc/hosts.txt:1:1 ../../etc/passwd.x:1 12:30:01"), []);
    const [link] = await links.provideTerminalLinks({ terminal, line: "src/part.ts:2:14" });
    assert.ok(link);
    await links.handleTerminalLink(link);
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document.uri.fsPath, part().fsPath);
    assert.deepEqual([editor?.selection.start.line, editor?.selection.start.character], [1, 13]);
    const other = vscode.window.createTerminal("another");
    assert.deepEqual(await textOf("src/part.ts:2:14", other), [], "other terminals are the editor's");
    other.dispose();
  },

  "the problems go with the server": async (signal) => {
    const api = await devlatch();
    assert.equal(problems(part()).length, 1);
    await vscode.commands.executeCommand(commands.stop.id, { app: "web" });
    await untilWeb(api, "stopped", signal);
    await untilProblems(part(), 0, signal);
  },
};

function problems(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source?.startsWith("Devlatch: "));
}

/** Waits until so many errors of builds are marked in a file. */
function untilProblems(uri: vscode.Uri, count: number, signal: AbortSignal): Promise<vscode.Diagnostic[]> {
  return new Promise((resolve, reject) => {
    const check = () => {
      const found = problems(uri);
      if (found.length !== count) return;
      subscription.dispose();
      resolve(found);
    };
    const subscription = vscode.languages.onDidChangeDiagnostics(check);
    signal.addEventListener("abort", () => {
      subscription.dispose();
      reject(new Error(`There are ${problems(uri).length} problems, not ${count}.`));
    });
    check();
  });
}
