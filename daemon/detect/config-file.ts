import { join } from "node:path";
import { findNodeAtLocation, getNodeValue, parseTree } from "jsonc-parser";
import type { DevlatchError } from "../../shared/base/errors.ts";
import {
  type AppConfig,
  configFileName,
  type SandboxesConfig,
  WorkspaceConfig,
} from "../../shared/model/config.ts";
import { ExplicitSandboxId } from "../../shared/model/sandbox.ts";
import { type ConfigIssue, describeIssues } from "./config-issues.ts";
import { commandIssue, readCommand } from "./configured-command.ts";
import { type JsonDocument, type JsonFile, readJsonFile } from "./json-file.ts";
import { invalidAt, placeAt } from "./problem.ts";

/** An app as `devlatch.json` has it, its command split into words. */
export interface ConfiguredApp extends Omit<AppConfig, "command" | "env"> {
  readonly command?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Configuration {
  readonly file: string;
  readonly sandbox?: string;
  readonly apps: ReadonlyMap<string, ConfiguredApp>;
  readonly sandboxes?: SandboxesConfig;
}

export type ConfigFile =
  | { readonly kind: "config"; readonly config: Configuration }
  | { readonly kind: "missing" }
  /** `sandbox` where the id could be made out all the same. */
  | { readonly kind: "invalid"; readonly problem: DevlatchError; readonly sandbox?: string };

/** Reads `devlatch.json` of a directory. Never rejects: what is wrong is a `CONFIG_INVALID` with its place. */
export async function readConfig(directory: string): Promise<ConfigFile> {
  const json = await readJsonFile(join(directory, configFileName), { comments: true });
  if (json.kind === "missing") return json;
  const checked = json.kind === "json" ? check(json.document) : json.problem;
  if ("apps" in checked) return { kind: "config", config: checked };
  const sandbox = salvageSandbox(json);
  return { kind: "invalid", problem: checked, ...(sandbox === undefined ? {} : { sandbox }) };
}

function check(document: JsonDocument): Configuration | DevlatchError {
  const { file, text, value } = document;
  const [first] = findConfigIssues(document);
  if (first !== undefined) return invalidAt(placeAt(file, text, first.offset), first.what, first.remedy);
  const { sandbox, sandboxes, apps = {} } = WorkspaceConfig.parse(value);
  const configured = new Map(Object.entries(apps).map(([name, app]) => [name, readApp(app)]));
  return {
    file,
    apps: configured,
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(sandboxes === undefined ? {} : { sandboxes }),
  };
}

/**
 * Everything that is wrong with a `devlatch.json` by itself, without a look at what it names: what breaks the schema,
 * then commands that can't be run. A text that is being typed has no document of {@link readConfig}; one parsed
 * loosely will do.
 */
export function findConfigIssues(
  document: Pick<JsonDocument, "text" | "tree" | "value">,
): readonly ConfigIssue[] {
  const { text, tree, value } = document;
  const parsed = WorkspaceConfig.safeParse(value);
  const issues = parsed.success ? [] : describeIssues(parsed.error.issues, tree);
  const commands = findNodeAtLocation(tree, ["apps"])?.children ?? [];
  const refused = commands.flatMap(({ children: [name, app] = [] }) => {
    const node = app && findNodeAtLocation(app, ["command"]);
    return (node && commandIssue(String(name?.value), node, text)) ?? [];
  });
  return [...issues, ...refused.filter(({ offset }) => !issues.some((one) => one.offset === offset))];
}

function readApp({ command, env = {}, ...rest }: AppConfig): ConfiguredApp {
  const reading = command === undefined ? undefined : readCommand(command);
  if (reading?.kind !== "words") return { ...rest, env };
  return { ...rest, command: reading.words, env: { ...reading.env, ...env } };
}

/**
 * The explicit sandbox id of a file that is wrong elsewhere. With another id the running servers of this very
 * sandbox would be invisible while the file is being edited.
 */
function salvageSandbox(json: JsonFile): string | undefined {
  if (json.kind === "missing") return undefined;
  const text = json.kind === "json" ? json.document.text : json.text;
  const tree = text === undefined ? undefined : parseTree(text);
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, ["sandbox"]);
  const id = node === undefined ? undefined : ExplicitSandboxId.safeParse(getNodeValue(node));
  return id?.success ? id.data : undefined;
}
