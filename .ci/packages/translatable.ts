/** A part of a manifest: what JSON can hold. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A manifest whose texts are keys, and the texts: the content of `package.nls.json`. */
export interface Translatable {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly texts: Readonly<Record<string, string>>;
}

/** Fields of what is contributed that people read. What models read (`modelDescription`, schemas of tools) stays as it is. */
const readByPeople: ReadonlySet<string> = new Set([
  "title",
  "name",
  "description",
  "markdownDescription",
  "enumDescriptions",
  "markdownDeprecationMessage",
  "contents",
  "altText",
  "displayName",
  "userDescription",
  "label",
  "keywords",
]);

/** Contributions whose `name` or schema is for programs. */
const ofPrograms: ReadonlySet<string> = new Set(["inputSchema", "languages", "jsonValidation"]);

/**
 * Takes the texts that people read out of an extension's manifest, as the editor asks of one that is to be translated: it looks
 * for each key in `package.nls.LANGUAGE.json`, then in `package.nls.json`. In the repository they stand where they are used.
 */
export function translatable(manifest: Readonly<Record<string, unknown>>): Translatable {
  const texts: Record<string, string> = {};
  const take = (text: string, path: string): string => {
    texts[path] = text;
    return `%${path}%`;
  };
  const { contributes, capabilities } = manifest;
  return {
    manifest: {
      ...manifest,
      ...(contributes === undefined ? {} : { contributes: walk(contributes as Json, "", take) }),
      ...(capabilities === undefined
        ? {}
        : { capabilities: walk(capabilities as Json, "capabilities", take) }),
    },
    texts,
  };
}

type Take = (text: string, path: string) => string;

function walk(value: Json, path: string, take: Take): Json {
  if (Array.isArray(value))
    return value.map((one: Json, index) => walk(one, `${path}.${nameOf(one, index)}`, take));
  if (typeof value !== "object" || value === null) return value;
  // A tool's name is what models call it by.
  const isTool = "modelDescription" in value;
  const entries = Object.entries(value).map(([key, part]: [string, Json]) => {
    const below = path === "" ? key : `${path}.${key}`;
    const isText = readByPeople.has(key) && !(isTool && key === "name");
    return [key, isText ? text(part, below, take) : ofPrograms.has(key) ? part : walk(part, below, take)];
  });
  return Object.fromEntries(entries);
}

/** A text, or a list of texts; a setting that is called like one of our fields is a setting. */
function text(part: Json, path: string, take: Take): Json {
  if (typeof part === "string") return take(part, path);
  const isList = Array.isArray(part) && part.every((one) => typeof one === "string");
  return isList ? part.map((one, index) => take(one, `${path}.${index}`)) : walk(part, path, take);
}

/** What tells an entry of a list apart, so that its key stays when others come and go. */
function nameOf(entry: Json, index: number): string {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return String(index);
  const { command, id, name, view } = entry as Readonly<Record<string, Json>>;
  const own = [command, id, name].find((one) => typeof one === "string");
  return own === undefined || view !== undefined ? `${view ?? ""}${index}` : String(own);
}
