import type { Plugin } from "esbuild";

/** Libraries that a host shares with the other programs, none of which leaves out a part of them: each in a file of its name. */
export const sharedLibraries = ["execa", "re2js", "vscode-jsonrpc/node"];
export const libraryFile = (name: string) => `library-${name.replace("/", "-")}`;

/** The files of shared libraries, with all their names. */
export const libraries: Plugin = {
  name: "libraries",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^library:/ }, ({ path }) => ({ path: path.slice(8), namespace: "library" }));
    onLoad({ filter: /./, namespace: "library" }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter(
        (name) => name !== "default" && /^\w+$/.test(name),
      );
      return { contents: `export { ${names.join(", ")} } from "${path}";`, resolveDir: "." };
    });
  },
};

export const fromLibraries: Plugin = {
  name: "from-libraries",
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^(?:${sharedLibraries.join("|")})$`) }, ({ path }) => ({
      path: `./${libraryFile(path)}.js`,
      external: true,
    }));
  },
};
