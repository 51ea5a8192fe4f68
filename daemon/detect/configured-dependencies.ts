import { findNodeAtLocation, getNodeValue, type Node } from "jsonc-parser";
import type { ConfigIssue } from "./config-issues.ts";

/** An app and the node of the first of its dependencies that leads back to it. */
type Edges = ReadonlyMap<string, readonly { readonly name: string; readonly node: Node }[]>;

/**
 * The circles in which the apps of a `devlatch.json` wait for each other, each told once, with its path.
 * @param tree of the whole file
 */
export function dependencyIssues(tree: Node): readonly ConfigIssue[] {
  const edges = edgesOf(tree);
  const issues: ConfigIssue[] = [];
  const done = new Set<string>();
  for (const first of edges.keys()) {
    const circle = done.has(first) ? undefined : circleFrom(first, edges, done);
    if (circle) issues.push(toIssue(circle.names, circle.node));
  }
  return issues;
}

function edgesOf(tree: Node): Edges {
  const apps = findNodeAtLocation(tree, ["apps"])?.children ?? [];
  return new Map(
    apps.map(({ children: [name, app] = [] }) => {
      const listed = (app && findNodeAtLocation(app, ["dependsOn"]))?.children ?? [];
      return [
        String(name?.value),
        listed.map((node) => ({ name: String(getNodeValue(node)), node })),
      ] as const;
    }),
  );
}

/** Goes along the dependencies, without recursion: a file may chain as many apps as it likes. */
function circleFrom(
  first: string,
  edges: Edges,
  done: Set<string>,
): { readonly names: readonly string[]; readonly node: Node } | undefined {
  const path = [{ name: first, next: 0 }];
  while (path.length > 0) {
    const here = path.at(-1);
    if (here === undefined) break;
    const edge = edges.get(here.name)?.[here.next++];
    if (edge === undefined) {
      done.add(here.name);
      path.pop();
      continue;
    }
    const at = path.findIndex(({ name }) => name === edge.name);
    if (at !== -1) {
      for (const { name } of path) done.add(name);
      return { names: [...path.slice(at).map(({ name }) => name), edge.name], node: edge.node };
    }
    if (!done.has(edge.name)) path.push({ name: edge.name, next: 0 });
  }
  return undefined;
}

function toIssue(names: readonly string[], { offset, length }: Node): ConfigIssue {
  const what =
    names.length === 2
      ? `apps.${names[0]} depends on itself`
      : `apps wait for each other in a circle: ${names.join(" → ")}`;
  return { what, remedy: "Take one of them out of dependsOn.", offset, length };
}
