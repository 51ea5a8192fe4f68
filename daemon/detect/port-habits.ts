/** What a framework does about its port beyond what its flags say. */
export interface PortHabits {
  /**
   * What it does where its own port is taken: takes the next one by itself, asks a person, or fails.
   */
  readonly taken: "moves" | "asks" | "fails";
  /** Whether it listens to `PORT` (or the variable of its own), also where no flag gets through to it. */
  readonly heedsVariable: boolean;
  /** Files of variables from which it takes that, the last one first to count. */
  readonly envFiles?: readonly string[];
}

const modes = [".env", ".env.development", ".env.local", ".env.development.local"];
const moves: PortHabits = { taken: "moves", heedsVariable: false };
const movesByVariable: PortHabits = { taken: "moves", heedsVariable: true };
const asks: PortHabits = { taken: "asks", heedsVariable: false };
const asksByVariable: PortHabits = { taken: "asks", heedsVariable: true };

const stays: PortHabits = { taken: "fails", heedsVariable: false };

/** By id of the framework; what isn't here fails, and may listen to `PORT`. */
const habits: Readonly<Record<string, PortHabits>> = {
  next: movesByVariable,
  nuxt: { ...movesByVariable, envFiles: [".env"] },
  astro: moves,
  sveltekit: moves,
  "react-router": moves,
  remix: { ...movesByVariable, envFiles: [".env"] },
  angular: asks,
  gatsby: asksByVariable,
  expo: asksByVariable,
  "react-native": asksByVariable,
  "create-react-app": { ...asksByVariable, envFiles: modes },
  "vue-cli": { ...movesByVariable, envFiles: modes },
  docusaurus: asks,
  webpack: moves,
  rspack: moves,
  adonis: { ...movesByVariable, envFiles: [".env"] },
  wrangler: moves,
  "wrangler-pages": moves,
  vitepress: moves,
  "electron-vite": moves,
  rsbuild: moves,
  vinxi: movesByVariable,
  vite: moves,
  storybook: asks,
  django: stays,
  fastapi: stays,
  "http.server": stays,
  jekyll: stays,
  php: stays,
  deno: stays,
  trunk: stays,
  hugo: moves,
  symfony: moves,
  laravel: movesByVariable,
};

const unknown: PortHabits = { taken: "fails", heedsVariable: true, envFiles: [".env"] };

/** The habits of a framework; without one those of a server of which nothing is known. */
export function portHabits(framework: string | undefined): PortHabits {
  return framework !== undefined && Object.hasOwn(habits, framework)
    ? (habits[framework] ?? unknown)
    : unknown;
}
