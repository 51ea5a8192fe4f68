import { t } from "@vscode/l10n";
import * as z from "zod";
import { namePattern } from "./container-name.ts";

const Name = z.string().regex(namePattern);

/**
 * The container behind a published port. Who listens on the machine's side is the engine's proxy: ending that would
 * cut the container off, not stop it.
 */
export const Container = z.object({
  /** `wsl`: something inside the Windows Subsystem for Linux, a container or not. */
  engine: z.enum(["docker", "podman", "wsl"]),
  /** What the engine knows it by, as far as the proxy's command line or the engine tells. */
  name: Name.optional(),
  id: Name.optional(),
  image: z.string().optional(),
  /** Where it listens inside. */
  address: z.string().optional(),
  port: z.int().optional(),
});
export type Container = z.infer<typeof Container>;

/** `container web (docker, nginx:1.27, port 80)`, `container 4f1c… (podman)`, `something inside WSL` */
export function containerWords({ engine, name, id, image, port }: Container): string {
  if (engine === "wsl") return t("something inside WSL");
  const inside = port === undefined ? undefined : t("port {0}", port);
  const facts = [engine, image, inside].filter(Boolean).join(", ");
  const known = name ?? id;
  return known === undefined ? t("container ({0})", facts) : t("container {0} ({1})", known, facts);
}

/** What to do instead of ending the proxy, as half a sentence. @param port the published port */
export function stopAdvice({ engine, name, id }: Container, port: number): string {
  if (engine === "wsl") return t("end it inside WSL");
  const known = name ?? id;
  if (known !== undefined) return t("stop it with: {0}", `${engine} stop ${known}`);
  const list = engine === "docker" ? `docker ps --filter publish=${port}` : "podman ps";
  return t("find its name with: {0}, then: {1}", list, `${engine} stop NAME`);
}
