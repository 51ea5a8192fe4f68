import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createHome, type TestHome } from "../support/home.ts";
import { repository } from "../support/paths.ts";
import { freePort } from "../support/ports.ts";
import { type ProjectName, prepareProject } from "../support/projects.ts";
import { startVsCode, type VsCode } from "./support/server.ts";
import type { VsCodeWindow } from "./support/window.ts";

/** The terminal's text is in the document, where tests can read it. */
const settings = {
  "terminal.integrated.gpuAcceleration": "off",
  // A list of terminals also where there is one.
  "terminal.integrated.tabs.hideCondition": "never",
};

export interface Desk {
  readonly home: TestHome;
  readonly vscode: VsCode;
  readonly folder: string;
  readonly port: number;
  openWindow(): Promise<VsCodeWindow>;
  /** Writes `devlatch.json` with the app web on the desk's port. */
  configure(web?: Record<string, unknown>): void;
}

/** A real VS Code and a project whose app web has a free port. */
export async function prepareDesk(
  t: TestContext,
  given: { project?: ProjectName; trusted?: boolean; port?: number } = {},
): Promise<Desk> {
  const home = createHome(t);
  const trusted = given.trusted ?? true;
  const env = { DEVLATCH_HOME: home.directory };
  const vscode = await startVsCode(t, { env, trusted, settings });
  const folder = await prepareProject(given.project ?? "plain", t);
  const port = given.port ?? (await freePort());
  const configure = (web = {}) => {
    const apps = { web: { command: "npm run dev", port, ...web } };
    writeFileSync(join(folder, "devlatch.json"), JSON.stringify({ apps }, null, 2));
  };
  configure();
  const openWindow = () => vscode.openWindow({ folder, extension: repository });
  return { home, vscode, folder, port, openWindow, configure };
}
