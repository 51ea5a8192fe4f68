import { isSecretName, secretMark, secretRules, withoutCredentials } from "./patterns.ts";

/** What is known about the place where texts come from. */
export interface Known {
  /** Values that must not be told, wherever they stand. */
  readonly secrets: readonly string[];
  /** Directories by the name they get: home directories, Devlatch's own. */
  readonly directories: Readonly<Record<string, readonly string[]>>;
  /** Roots of projects and sandboxes; they are numbered. */
  readonly workspaces: readonly string[];
  readonly users: readonly string[];
  readonly hosts: readonly string[];
}

/** Shorter secrets would make holes everywhere, and can be guessed anyway. */
const shortestSecret = 4;
/** Shorter names of users and hosts are replaced in paths and addresses alone. */
const shortestName = 3;
/** Keys whose values are an environment: names stay, values go. */
const environmentKeys = /^(?:env|environment|vars|variables|inputs)$/i;

/** Keys whose values are names of people and machines, also of others than this user's. */
const peopleKeys: ReadonlyMap<string, string> = new Map([
  ["user", "<user>"],
  ["machine", "<host>"],
]);

interface Replacement {
  readonly pattern: RegExp;
  readonly by: string;
}

/**
 * Takes out of texts and structures what others should not see: secrets, values of environments, names of people,
 * machines and directories. The same thing always gets the same stand-in, so that what belongs together can be seen.
 */
export class Redactor {
  readonly #secrets: readonly Replacement[];
  readonly #names: readonly Replacement[];
  readonly #numbered = new Map<string, string>();

  constructor(known: Known) {
    const secrets = known.secrets.filter(({ length }) => length >= shortestSecret);
    this.#secrets = longestFirst(secrets).flatMap(secret);
    this.#names = [
      ...directories(known),
      // Addresses; git's own user, versions (`next@16.4.6`) and pictures (`icon@2x.png`) are none.
      {
        pattern:
          /(?<![\w.+-])(?!git@)[\w.+-]+@(?:[\w-]+\.)+(?!png\b|jpe?g\b|svg\b|webp\b|[cm]?[jt]sx?\b)[a-z]{2,}\b/gi,
        by: "<email>",
      },
      // Homes of other users.
      { pattern: /((?:\/home|\/Users|\\Users)[\\/]+)[^\\/\s"':,;<>]+/g, by: "$1<user>" },
      ...names(known.users, "<user>"),
      ...names(known.hosts, "<host>"),
    ];
  }

  /** A text without what others should not see. */
  text(text: string): string {
    let redacted = withoutCredentials(text);
    for (const { pattern, replace } of secretRules) redacted = redacted.replace(pattern, replace as string);
    for (const { pattern, by } of [...this.#secrets, ...this.#names])
      redacted = redacted.replace(pattern, by);
    return redacted.replace(/\b[0-9a-f]{32,}\b/gi, (digits) => this.#number(digits));
  }

  /** A structure of plain values without it; keys are texts too. */
  value(value: unknown): unknown {
    if (typeof value === "string") return this.#string(value);
    if (Array.isArray(value)) return this.#list(value);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(
      ([key, inner]) => [this.#key(key), this.#entry(key, inner)] as const,
    );
    return Object.fromEntries(entries);
  }

  /** A plain word is a name in a format, also where a user is called the same ("root"). */
  #key(key: string): string {
    if (!/^[A-Za-z]\w*$/.test(key)) return this.text(key);
    return this.#secrets.reduce((redacted, { pattern, by }) => redacted.replace(pattern, by), key);
  }

  #entry(key: string, value: unknown): unknown {
    if (environmentKeys.test(key)) return withoutValues(value, (name) => this.text(name));
    const person = typeof value === "string" && peopleKeys.get(key);
    if (person) return person;
    if (isSecretName(key) && (typeof value === "string" || typeof value === "number")) return secretMark;
    return this.value(value);
  }

  /** A text that is itself JSON (a line of a log) is looked at as what it says. */
  #string(text: string): string {
    if (!/^\s*[[{]/.test(text)) return this.text(text);
    try {
      return JSON.stringify(this.value(JSON.parse(text)));
    } catch {
      return this.text(text);
    }
  }

  /** In a command's words a flag's value is the next word. */
  #list(list: readonly unknown[]): unknown[] {
    return list.map((one, index) => {
      const before = list[index - 1];
      const isValue = typeof before === "string" && /^--?[\w-]+$/.test(before) && isSecretName(before);
      return isValue && typeof one === "string" && !one.startsWith("-") ? secretMark : this.value(one);
    });
  }

  /** Tokens are long hexadecimal numbers, and so are harmless ids: both get a number that tells them apart. */
  #number(digits: string): string {
    const known = this.#numbered.get(digits) ?? `<id-${this.#numbered.size + 1}>`;
    this.#numbered.set(digits, known);
    return known;
  }
}

function withoutValues(value: unknown, name: (key: string) => string): unknown {
  if (Array.isArray(value)) {
    return value.map((one) =>
      typeof one === "string" ? `${name(one.split("=", 1)[0] ?? "")}=<value>` : "<value>",
    );
  }
  if (typeof value !== "object" || value === null) return "<value>";
  return Object.fromEntries(Object.keys(value).map((key) => [name(key), "<value>"]));
}

/** As it is, and as it stands in URLs, in JSON and in JSON inside JSON. */
function secret(value: string): readonly Replacement[] {
  const json = JSON.stringify(value).slice(1, -1);
  const forms = new Set([
    value,
    encodeURIComponent(value),
    encodeURI(value),
    json,
    JSON.stringify(json).slice(1, -1),
  ]);
  return longestFirst([...forms]).map((form) => ({
    pattern: new RegExp(literal(form), "g"),
    by: secretMark,
  }));
}

/** The longest first, whatever it is: a project is usually below the home directory. */
function directories({ directories: named, workspaces }: Known): readonly Replacement[] {
  const pairs = [
    ...Object.entries(named).flatMap(([by, paths]) => paths.map((path) => ({ path, by }))),
    ...[...new Set(workspaces)].map((path, index) => ({ path, by: `<workspace-${index + 1}>` })),
  ];
  return pairs
    .filter(({ path }) => path.length > 1)
    .sort((a, b) => b.path.length - a.path.length)
    .map(({ path, by }) => ({ pattern: new RegExp(`${literal(path)}(?![\\w-])`, "g"), by }));
}

function names(all: readonly string[], by: string): readonly Replacement[] {
  return longestFirst([...new Set(all)].filter(Boolean)).map((name) => {
    const escaped = literal(name);
    const anywhere = `(?<![\\w-])${escaped}(?![\\w-])`;
    const inPlaces = `(?<=[/\\\\@])${escaped}(?![\\w-])|(?<![\\w-])${escaped}(?=@)`;
    return { pattern: new RegExp(name.length >= shortestName ? anywhere : inPlaces, "gi"), by };
  });
}

function longestFirst(texts: readonly string[]): readonly string[] {
  return [...texts].sort((a, b) => b.length - a.length);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
