import { findNodeAtLocation, type Node } from "jsonc-parser";
import type * as z from "zod";
import { External, Limits, StopWhenUnused } from "../../shared/model/app.ts";
import { AppConfig, SandboxesConfig, WorkspaceConfig } from "../../shared/model/config.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** What is wrong with the configuration, for a person, and where: an offset and a length in characters. */
export interface ConfigIssue {
  readonly what: string;
  readonly remedy: string;
  readonly offset: number;
  readonly length: number;
}

/** Translates schema issues; each of several unknown keys is one of its own. */
export function describeIssues(issues: readonly Issue[], tree: Node): readonly ConfigIssue[] {
  return issues
    .flatMap((issue): readonly Issue[] =>
      issue.code === "unrecognized_keys" ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue],
    )
    .map((issue) => describeIssue(issue, tree));
}

function describeIssue(issue: Issue, tree: Node, parents: Path = []): ConfigIssue {
  const path = [...parents, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  switch (issue.code) {
    case "unrecognized_keys": {
      const key = issue.keys[0] ?? "";
      return {
        what: `unknown key "${key}" in ${placeName(path)}`,
        remedy: `Remove it, or use one of: ${knownKeys(path).join(", ")}.`,
        ...rangeOf(keyNode(tree, [...path, key])),
      };
    }
    case "invalid_key":
      return {
        what: `the name "${path.at(-1)}" in ${placeName(path.slice(0, -1))} can't be used: a name ${issue.issues[0]?.message ?? "is invalid"}`,
        remedy: "Rename it.",
        ...rangeOf(keyNode(tree, path)),
      };
    case "invalid_union":
      return describeUnion(issue, tree, path);
    default:
      return wrongValue(path, issue.message, tree);
  }
}

/** Speaks of the branch that comes nearest to what was written: the one with the fewest issues. */
function describeUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  tree: Node,
  path: Path,
): ConfigIssue {
  if (issue.message !== "Invalid input") return wrongValue(path, issue.message, tree);
  const nearest = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? [];
  // A misspelt key also leaves the right one missing; what is there says more than what isn't.
  const first = nearest.find((one) => one.code === "unrecognized_keys") ?? nearest[0];
  return first === undefined ? wrongValue(path, issue.message, tree) : describeIssue(first, tree, path);
}

function wrongValue(path: Path, message: string, tree: Node): ConfigIssue {
  const said = message.replace(/^(?:Invalid input|Invalid option|Invalid string): /, "");
  return {
    what: `${placeName(path)}: ${said.charAt(0).toLowerCase()}${said.slice(1)}`,
    remedy: "Correct the value there.",
    ...rangeOf(nearestNode(tree, path)),
  };
}

/** The node of a path, or what it would be in where it isn't there. */
function nearestNode(tree: Node, path: Path): Node {
  return (
    findNodeAtLocation(tree, [...path]) ?? (path.length === 0 ? tree : nearestNode(tree, path.slice(0, -1)))
  );
}

/** A property's key (its value's place would be the wrong end of the line). */
function keyNode(tree: Node, path: Path): Node {
  const value = findNodeAtLocation(tree, [...path]);
  return value?.parent?.children?.[0] ?? value ?? tree;
}

function rangeOf({ offset, length }: Node): { offset: number; length: number } {
  return { offset, length };
}

/** `apps.web.env` */
function placeName(path: Path): string {
  return path.length === 0 ? "the file" : path.join(".");
}

/** The keys of what an app's keys hold. */
const keysWithin: Readonly<Record<string, readonly string[]>> = {
  external: Object.keys(External.shape),
  limits: Object.keys(Limits.shape),
  ready: ["http", "tcp", "pattern"],
  stopWhenUnused: Object.keys(StopWhenUnused.shape),
  stopAfterAgents: Object.keys(StopWhenUnused.shape),
};

function knownKeys(path: Path): readonly string[] {
  const [first, , third] = path;
  if (first === undefined) return Object.keys(WorkspaceConfig.shape);
  if (first === "sandboxes") return Object.keys(SandboxesConfig.shape);
  if (first === "setup" || first === "teardown")
    return Object.keys(WorkspaceConfig.shape[first].unwrap().shape);
  return keysWithin[String(third)] ?? Object.keys(AppConfig.shape);
}
