/**
 * Files of a workspace's folder by which a project is told, as the editor looks for them: where there is none, nothing of
 * Devlatch is loaded. See `daemon/detect` for what is made of them.
 */
const projectFiles = [
  "devlatch.json",
  "package.json",
  "*/package.json",
  "deno.json",
  "deno.jsonc",
  "Procfile",
  "Procfile.dev",
  "manage.py",
  "artisan",
  "bin/rails",
  ".air.toml",
  "pyproject.toml",
  "requirements.txt",
  "Pipfile",
  ".claude/launch.json",
  "conductor.json",
  ".superset/config.json",
  ".codex/environments/environment.toml",
] as const;

/**
 * When the editor loads the extension, beside what it does by itself: for a view, a command, a task, an agent's tool. A
 * terminal may make the project that wasn't there.
 */
export const activationEvents: readonly string[] = [
  ...projectFiles.map((file) => `workspaceContains:${file}`),
  "onTerminalShellIntegration:*",
];
