/** Why `devlatch dev` is no more than its command here. */
export type Aside =
  | { readonly kind: "off"; readonly variable: string }
  | { readonly kind: "ci" }
  | { readonly kind: "within" }
  | { readonly kind: "unable"; readonly why: string };

const no = /^(?:0|false|off|no)$/i;

/** What the environment says: a build wants the command alone, and a person may have turned Devlatch off. */
export function asideIn(env: NodeJS.ProcessEnv): Aside | undefined {
  const wish = env["DEVLATCH"] ?? "";
  if (no.test(wish)) return { kind: "off", variable: `DEVLATCH=${wish}` };
  const ci = env["CI"] ?? "";
  return ci === "" || no.test(ci) ? undefined : { kind: "ci" };
}

/** The one line that says so; undefined within a session, where the server's output is all there is to see. */
export function asideText(aside: Aside, command: string): string | undefined {
  const so = `so this is just \`${command}\``;
  switch (aside.kind) {
    case "within":
      return undefined;
    case "off":
      return `devlatch: ${aside.variable} is set, ${so}.`;
    case "ci":
      return `devlatch: CI is set, ${so}.`;
    case "unable":
      return `devlatch: can't be used here, ${so}, and is shared with no one. ${aside.why}`;
  }
}
