import { execa } from "execa";
import * as z from "zod";
import { runWithDeadline } from "../../shared/base/deadline.ts";
import type { Container } from "../../shared/model/container.ts";
import { containerName } from "../../shared/model/container-name.ts";
import type { Listener } from "../../shared/model/process.ts";
import { recogniseContainer } from "./containers.ts";

/** Time an engine's command line gets to name a container, in milliseconds. */
const answerTimeoutMs = 2_000;

/** A container as `docker ps --format '{{json .}}'` has it, one a line. */
const DockerRow = z.object({ ID: z.string(), Names: z.string(), Image: z.string().optional() });

/** A container as `podman ps --format json` has it, in one array. */
const PodmanRow = z.object({
  Id: z.string(),
  Names: z.array(z.string()).min(1),
  Image: z.string().optional(),
  Ports: z
    .array(z.object({ host_port: z.int(), range: z.int().default(1) }))
    .nullish()
    .transform((ports) => ports ?? []),
});

/** What an engine calls a container. */
type Named = Pick<Container, "name" | "id" | "image">;

/**
 * Marks the listeners that serve a container's published port, and names the container where the engine's command
 * line is there and answers. Never rejects: a nameless container is one all the same.
 */
export async function markContainers(
  port: number,
  listeners: readonly Listener[],
): Promise<readonly Listener[]> {
  const marked = listeners.map((listener) => {
    const container = recogniseContainer(listener.command, port);
    return container ? { ...listener, container } : listener;
  });
  const found = marked.find(({ container }) => container)?.container;
  if (found === undefined) return marked;
  const named = await askEngine(found.engine, port);
  if (named === undefined) return marked;
  return marked.map((one) => (one.container ? { ...one, container: completed(one.container, named) } : one));
}

/** Docker publishes into WSL too: what it has a name for is a container of it. */
function completed(container: Container, named: Named): Container {
  const engine = container.engine === "wsl" ? "docker" : container.engine;
  return { ...container, engine, ...named };
}

async function askEngine(engine: Container["engine"], port: number): Promise<Named | undefined> {
  const isPodman = engine === "podman";
  const args = isPodman
    ? ["ps", "--format", "json"]
    : ["ps", "--filter", `publish=${port}`, "--format", "{{json .}}"];
  const text = await ask(isPodman ? "podman" : "docker", args).catch(() => "");
  return isPodman ? parsePodmanPs(text, port) : parseDockerPs(text);
}

/** What the tool prints; it is ended at the deadline, and not waited for longer. */
function ask(file: string, args: readonly string[]): Promise<string> {
  return runWithDeadline(answerTimeoutMs, `Asking ${file}`, async (signal) => {
    const { stdout } = await execa(file, args, {
      cancelSignal: signal,
      forceKillAfterDelay: 500,
      stdin: "ignore",
      stderr: "ignore",
    });
    return stdout;
  });
}

/** The first container that `docker ps --format '{{json .}}'` printed. */
export function parseDockerPs(text: string): Named | undefined {
  const row = DockerRow.safeParse(parseJson(text.split("\n")[0] ?? "")).data;
  // A container in several networks of old has several names, its own first.
  return row && named(row.ID, row.Names.split(",")[0], row.Image);
}

/** The container that publishes the port, in what `podman ps --format json` printed. */
export function parsePodmanPs(text: string, port: number): Named | undefined {
  const rows = z.array(PodmanRow).safeParse(parseJson(text)).data ?? [];
  const row = rows.find(({ Ports }) =>
    Ports.some(({ host_port, range }) => port >= host_port && port < host_port + range),
  );
  return row && named(row.Id, row.Names[0], row.Image);
}

function named(id: string, name: string | undefined, image: string | undefined): Named {
  return {
    ...containerName("id", id.slice(0, 12)),
    ...containerName("name", name),
    ...(image === undefined ? {} : { image }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
