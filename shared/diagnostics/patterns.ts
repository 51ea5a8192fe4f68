/** What stands for a secret in a redacted text. */
export const secretMark = "<secret>";

/** What names of secrets have in them. `author` is no `auth`, `tokens: 12` is no credential but goes with them. */
const secretWords =
  "token|secret|passw|passphrase|pwd|api[-_]?key|access[-_]?key|private[-_]?key|signing[-_]?key|encryption[-_]?key|auth(?!or[^i]|or$)|credential|cookie|jwt|bearer|signature|dsn|proof|nonce|session[-_]?id|connection[-_]?string";

/** Longest part of a name behind its secret's word, in characters. */
const longestName = 200;

const secretName = new RegExp(secretWords, "i");

/** Whether a variable, setting or flag of this name may hold a secret. A shell's own directories are called PWD too. */
export function isSecretName(name: string): boolean {
  return secretName.test(name) && !/^(?:OLD|INIT_)?PWD$/.test(name);
}

interface Rule {
  readonly pattern: RegExp;
  readonly replace: string | ((...groups: string[]) => string);
}

/** A value after a name: quoted (also inside JSON inside JSON), or up to the next separator. */
const value = `(?:\\\\*"(?:[^"\\\\]|\\\\[^"])*\\\\*"?|'[^']*'?|[^\\s,;&"'\\\\)\\]}]+)`;

/** What may follow a secret's word in a name. */
const rest = (characters: string) => `[${characters}]{0,${longestName}}`;

// Rules are applied to what servers wrote. So that a text costs its length, whatever stands in it, no rule begins with a
// repetition, and none has one before something that may be missing, unless it is bounded or its text can't be tried again.
/** Rules for secrets whose value isn't known here, by what is around them or what they look like. */
export const secretRules: readonly Rule[] = [
  // Keys in PEM; the end may be cut off.
  {
    pattern: /-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g,
    replace: secretMark,
  },
  // Headers go to the end of the line or of the quoted string: a scheme, several cookies.
  {
    pattern: /((?:proxy-)?authorization|(?:set-)?cookie)(\\*["']?\s*[:=]\s*\\*["']?)[^"'\\\n]+/gi,
    replace: (_, name, separator) => `${name}${separator}${secretMark}`,
  },
  { pattern: /\b(bearer|basic)\s+[\w.~+/=-]{4,}/gi, replace: (_, scheme) => `${scheme} ${secretMark}` },
  // Flags: --token abc, --token=abc, -password "a b".
  {
    pattern: new RegExp(
      `(?<=-${rest("\\w-")})((?:${secretWords})${rest("\\w-")}(?:\\s+|=))(?!-)${value}`,
      "gi",
    ),
    replace: (_, flag) => `${flag}${secretMark}`,
  },
  // NAME=value, "name": "value", name: value.
  {
    pattern: new RegExp(
      `((?:${secretWords})${rest("\\w.-")}\\\\*["']?\\s*[=:]\\s*)(?!<secret>)${value}`,
      "gi",
    ),
    replace: (_, name) => `${name}${secretMark}`,
  },
  // Tokens of well-known services: GitHub, GitLab, npm, Slack, OpenAI and its like, Stripe, AWS, Google.
  {
    pattern:
      /\b(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|npm_\w{16,}|xox[abeoprs]-[\w-]{10,}|[sprk]{2}[-_](?:live|test|proj|ant)?[-_]?[\w-]{16,}|A(?:KIA|SIA)[A-Z0-9]{12,}|AIza[\w-]{30,})/g,
    replace: secretMark,
  },
  // JSON Web Tokens.
  { pattern: /\beyJ[\w-]{5,1000}\.[\w-]{5,}(?:\.[\w-]*)?/g, replace: secretMark },
];

/** A URL, or at least something with `://` in it, up to the next blank or quote. */
const url = /([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s"'`<>]+)/gi;

/** Takes user and password out of URLs, also where a password isn't encoded as it should be. */
export function withoutCredentials(text: string): string {
  return text.replace(url, (whole: string, scheme: string, rest: string) => {
    const authority = rest.split(/[/?#]/, 1)[0] ?? "";
    const port = /^(?:\[[^\]]*\])?[^:]*:(.*)$/.exec(authority)?.[1];
    // A slash in a password ends what looks like the authority, with something behind the colon that is no port.
    const holdsSecret = authority.includes("@") || (port !== undefined && !/^\d*$/.test(port));
    const at = rest.lastIndexOf("@");
    return holdsSecret && at !== -1 ? `${scheme}${secretMark}${rest.slice(at)}` : whole;
  });
}
