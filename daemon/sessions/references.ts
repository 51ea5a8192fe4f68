import { DevlatchError } from "../../shared/base/errors.ts";
import { configFileName } from "../../shared/model/config-file-name.ts";

/** What values of the configuration can refer to. */
export interface Referable {
  /** The port of every app of the sandbox. */
  readonly ports: Readonly<Record<string, number>>;
  /** The address of every app that has one. */
  readonly urls: Readonly<Record<string, string>>;
  readonly sandboxId: string;
}

/** `${port:api}`, `${url:api}`, `${sandbox}`; what else stands in braces, as `${HOME}`, is the program's own. */
const reference = /\$\{(?:(sandbox)|([a-z]{1,20}):([^}\s]{0,80}))\}/g;

/**
 * The variables of an app with what they refer to in place of the references.
 * @param app whose they are, for the error
 * @throws DevlatchError `CONFIG_INVALID` for a reference to nothing
 */
export function withReferences(
  env: Readonly<Record<string, string>>,
  app: string,
  there: Referable,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value.replace(reference, (whole, sandbox?: string, kind?: string, other = "") => {
        if (sandbox !== undefined) return sandboxWord(there.sandboxId);
        const values = kind === "port" ? there.ports : kind === "url" ? there.urls : {};
        if (Object.hasOwn(values, other)) return String(values[other]);
        throw toNothing(`${name} of ${app}`, whole, remedyFor(kind, other, there));
      }),
    ]),
  );
}

/** A sandbox's id as names of databases and Compose projects allow it. */
export function sandboxWord(sandboxId: string): string {
  return sandboxId.toLowerCase().replace(/[^a-z0-9_]/g, "_");
}

function remedyFor(kind: string | undefined, app: string, { ports, urls }: Referable): string {
  if (kind !== "port" && kind !== "url")
    return `There are ${["port:APP", "url:APP", "sandbox"].map(braced).join(", ")}.`;
  const known = Object.keys(kind === "port" ? ports : urls);
  if (kind === "url" && Object.hasOwn(ports, app)) return `It runs elsewhere: use ${braced(`port:${app}`)}.`;
  return known.length === 0 ? "No app is known here." : `Apps here: ${known.join(", ")}.`;
}

function toNothing(whose: string, reference: string, remedy: string): DevlatchError {
  return new DevlatchError(
    "CONFIG_INVALID",
    `${whose} refers to ${reference}, which is nothing.`,
    `Correct it in ${configFileName}. ${remedy}`,
  );
}

function braced(words: string): string {
  return `\${${words}}`;
}
