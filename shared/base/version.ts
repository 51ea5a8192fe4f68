/** Set by esbuild to the version of package.json; absent when the sources run directly. */
declare const __VERSION__: string;

/** Version of this build, e.g. `0.1.0`. */
export const version = typeof __VERSION__ === "string" ? __VERSION__ : "0.0.0-dev";
