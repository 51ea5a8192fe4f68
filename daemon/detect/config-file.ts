import { join } from "node:path";
import { findNodeAtLocation, getNodeValue, type Node } from "jsonc-parser";
import type { DevlatchError } from "../../shared/base/errors.ts";
import {
  type AppConfig,
  type SandboxesConfig,
  type StepConfig,
  WorkspaceConfig,
} from "../../shared/model/config.ts";
import { configFileName } from "../../shared/model/config-file-name.ts";
import { ExplicitSandboxId } from "../../shared/model/sandbox.ts";
import type { Believed } from "./believed.ts";
import { type ConfigIssue, describeIssues } from "./config-issues.ts";
import { commandIssue, readCommand } from "./configured-command.ts";
import { dependencyIssues } from "./configured-dependencies.ts";
import { patternIssue } from "./configured-pattern.ts";
import { type JsonDocument, type JsonFile, parseLoosely, readJsonFile } from "./json-file.ts";
import { invalidAt, placeAt } from "./problem.ts";
import type { ConfiguredStep, ConfiguredSteps } from "./workspace.ts";

/** An app as `devlatch.json` has it, its command split into words. */
export interface ConfiguredApp extends Omit<AppConfig, "command" | "env"> {
  readonly command?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Configuration extends ConfiguredSteps {
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

/**
 * Reads `devlatch.json` of a directory; one that isn't believed counts as missing. Never rejects: what is wrong is a
 * `CONFIG_INVALID` with its place.
 */
export async function readConfig(directory: string, believed: Believed): Promise<ConfigFile> {
  const path = join(directory, configFileName);
  if (!(await believed.has(path))) return { kind: "missing" };
  const json = await readJsonFile(path, { comments: true });
  if (json.kind === "missing") return json;
  const checked = json.kind === "json" ? await check(json.document) : json.problem;
  if ("apps" in checked) return { kind: "config", config: checked };
  const sandbox = salvageSandbox(json);
  return { kind: "invalid", problem: checked, ...(sandbox === undefined ? {} : { sandbox }) };
}

async function check(document: JsonDocument): Promise<Configuration | DevlatchError> {
  const { file, text, value } = document;
  const [first] = await findConfigIssues(document);
  if (first !== undefined) return invalidAt(placeAt(file, text, first.offset), first.what, first.remedy);
  const { sandbox, sandboxes, apps = {}, setup, teardown } = WorkspaceConfig.parse(value);
  const configured = new Map(Object.entries(apps).map(([name, app]) => [name, readApp(app)]));
  return {
    file,
    apps: configured,
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(sandboxes === undefined ? {} : { sandboxes }),
    ...(setup === undefined ? {} : { setup: readStep(setup) }),
    ...(teardown === undefined ? {} : { teardown: readStep(teardown) }),
  };
}

/**
 * Everything that is wrong with a `devlatch.json` by itself, without a look at what it names: what breaks the schema,
 * then commands that can't be run, patterns that can't be used and apps that wait for each other. A text that is being typed has no document of {@link readConfig}; one parsed
 * loosely will do.
 */
export async function findConfigIssues(
  document: Pick<JsonDocument, "text" | "tree" | "value">,
): Promise<readonly ConfigIssue[]> {
  const { text, tree, value } = document;
  const parsed = WorkspaceConfig.safeParse(value);
  const issues = parsed.success ? [] : describeIssues(parsed.error.issues, tree);
  const apps = findNodeAtLocation(tree, ["apps"])?.children ?? [];
  const refused = await Promise.all(
    apps.map(async ({ children: [name, app] = [] }) => {
      const command = app && findNodeAtLocation(app, ["command"]);
      const pattern = app && findNodeAtLocation(app, ["ready", "pattern"]);
      return [
        command && commandIssue(`apps.${name?.value}.command`, command, text),
        pattern && (await patternIssue(String(name?.value), pattern)),
      ].filter((issue) => issue !== undefined);
    }),
  );
  const found = [...refused.flat(), ...stepIssues(tree, text), ...dependencyIssues(tree)];
  return [...issues, ...found.filter(({ offset }) => !issues.some((one) => one.offset === offset))];
}

function stepIssues(tree: Node, text: string): readonly ConfigIssue[] {
  return ["setup", "teardown"].flatMap((step) => {
    const command = findNodeAtLocation(tree, [step, "command"]);
    return (command && commandIssue(`${step}.command`, command, text)) ?? [];
  });
}

function readStep({ command, env = {}, inputs = [] }: StepConfig): ConfiguredStep {
  const reading = readCommand(command);
  // What can't be read is an issue, and the file isn't used then.
  if (reading.kind !== "words") return { command: [], env, inputs };
  return { command: reading.words, env: { ...reading.env, ...env }, inputs };
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
  const tree = text === undefined ? undefined : parseLoosely("", text)?.tree;
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, ["sandbox"]);
  const id = node === undefined ? undefined : ExplicitSandboxId.safeParse(getNodeValue(node));
  return id?.success ? id.data : undefined;
}
