/** The editor's own variables, and ours: no business of a server. */
const editorVariable = /^(VSCODE_|ELECTRON_|DEVLATCH_)/;

/** The editor's debugger puts itself in front of every Node process through this variable. */
const injectedNodeOptions = /js-debug|bootloader|--inspect/;

/**
 * The environment a server started from this window inherits.
 * @param env the extension host's environment
 */
export function callerEnvironment(env: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || editorVariable.test(name)) continue;
    if (name === "NODE_OPTIONS" && injectedNodeOptions.test(value)) continue;
    kept[name] = value;
  }
  return kept;
}
