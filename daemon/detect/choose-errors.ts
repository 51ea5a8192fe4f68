import { join, relative, sep } from "node:path";
import { closestMatch } from "leven";
import { DevlatchError } from "../../shared/base/errors.ts";
import { shellWord } from "../../shared/base/shell-word.ts";
import { isUsual } from "../../shared/model/app.ts";
import { configFileName } from "../../shared/model/config-file-name.ts";
import { type Candidate, scriptsFor } from "./candidates.ts";
import { memberName, type Offer } from "./members.ts";
import type { Package } from "./package-json.ts";
import type { Search } from "./search.ts";

/** `AMBIGUOUS_APP`, with the commands that answer it. */
export function ambiguousApp(search: Search, offers: readonly Offer[]): DevlatchError {
  const { app, root } = search;
  const places = offers.map(({ owner }) => relative(root, owner.directory).split(sep).join("/"));
  const owners = offers.map(({ owner }) => owner);
  // Of an app that is a script's name, the packages have no names of their own.
  const names = isUsual(app) ? owners.map((one) => memberName(one, root, owners, app)) : [];
  const commands = names.slice(0, mostNamed).map((name) => `devlatch start ${name}`);
  const remedy =
    commands.length > 0
      ? `Start the one you mean by its name: ${commands.join(", ")}${names.length > mostNamed ? ", …" : ""}; or run this in its directory.`
      : `Run this in the directory of the one you mean, or say which it is in ${join(root, configFileName)}: ${snippet(app, { cwd: places[0] ?? "." })}`;
  return new DevlatchError(
    "AMBIGUOUS_APP",
    `Several packages could be the app "${app}": ${places.join(", ")}.`,
    remedy,
    {
      data: { app, candidates: places, ...(names.length > 0 ? { names } : {}) },
    },
  );
}

/** As many are named in one answer as a person reads. */
const mostNamed = 6;

/** Letters that may be wrong in a name for it to be taken for a mistyped one. */
const mostMistyped = 2;

/** `UNKNOWN_APP`, with what was looked at. @param known the apps there are instead */
export function unknownApp(
  search: Search,
  looked: readonly Package[],
  known: readonly string[],
): DevlatchError {
  const { app } = search;
  const instead = known.length > 0 ? `${namedInstead(app, known)} If you don't mean one of these: ` : "";
  const example = { command: "npm run dev", port: app === "mobile" ? 8081 : 3000 };
  return new DevlatchError(
    "UNKNOWN_APP",
    `There is no app "${app}" here: ${whatWasSeen(search, looked)}.`,
    `${instead}Put its command into ${join(search.root, configFileName)}: ${snippet(app, example)}`,
    { data: { app, looked: looked.map((one) => one.file), known } },
  );
}

function namedInstead(app: string, known: readonly string[]): string {
  const meant = closestMatch(app, known, { maxDistance: mostMistyped });
  const all = `Found here: ${known.slice(0, mostNamed).join(", ")}.`;
  return meant === undefined ? all : `Did you mean ${meant}? ${all}`;
}

/** `UNKNOWN_APP` where what would be started are containers: their processes are the engine's, not a session's. */
export function onlyContainers({ app, root }: Search, { command, directory }: Candidate): DevlatchError {
  return new DevlatchError(
    "UNKNOWN_APP",
    `${command.map(shellWord).join(" ")} in ${directory} brings up containers with Compose, and no server of its own: Devlatch neither reuses nor ends what belongs to the container engine.`,
    `Bring them up yourself (docker compose up -d); "devlatch port N" says which container has a port. If a server runs beside them, put its command into ${join(root, configFileName)}: ${snippet(app, { command: "npm run dev:app", port: 3000 })}`,
    { data: { app, directory } },
  );
}

function snippet(app: string, settings: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(settings).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  return `{ "apps": { "${app}": { ${fields.join(", ")} } } }`;
}

function whatWasSeen(search: Search, looked: readonly Package[]): string {
  const [first, ...others] = looked;
  if (first === undefined) return `no ${configFileName} names it, and ${search.from} has no package.json`;
  const scripts = search.app === "mobile" ? "scripts" : `scripts ${scriptsFor(search.app, first).join(", ")}`;
  const where = others.length === 0 ? first.file : `${first.file} and ${others.length} more package.json`;
  const framework = search.app === "mobile" ? "Expo, React Native or Metro" : "a dev server";
  return `no ${configFileName} names it, and neither the ${scripts} nor the dependencies in ${where} start ${framework}`;
}
