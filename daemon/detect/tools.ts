import { findPortFlag } from "./port-flags.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** What shells and systems have: they do something and end. */
const systemPrograms = words(`
  : . [ [[ alias awk basename case cat cd chmod chown clear cp curl cut date dd declare df dirname du echo eval exit export
  false find fold for function git grep gzip hash head jq kill killall ln local ls make mkcert mkdir mktemp mv open openssl pgrep
  pkill printf ps pwd read readonly return rg rm rmdir rsync sed select set shift shopt sleep sort source ssh stat tail tar
  tee test top touch tr trap true type ulimit umask unalias uname uniq unset unzip wait wc wget which xargs xdg-open zip
  apt apt-get brew cmake docker gcloud kubectl podman terraform
`);

/** Package managers, where they run no script and no program. */
const packageManagers = words("npm npx pnpm pnpx yarn yarnpkg bun bunx");

/** Packages that build, test, check or watch, and serve nothing whatever they are told. */
const buildPrograms = words(`
  @biomejs/biome @changesets/cli @svgr/cli @tailwindcss/cli ava babel biome bunchee c8 changeset chokidar chromatic commitlint
  copyfiles cpx cpx2 cpy cypress degit del del-cli depcheck dprint dts-cli electron electron-builder electron-nodemon electron-packager electronmon eslint father gulp husky jest jscpd
  kill-port knip lefthook lessc lint-staged lit-analyzer madge microbundle mkdirp mocha ncp ncu next-sitemap npm-check npm-check-updates nyc onchange oxlint pkgroll
  only-allow playwright postcss preconstruct prettier publint pug release-it rimraf rolldown rollup sass semantic-release shx size-limit
  standard start-server-and-test stylelint svelte-check svelte-package svgo swc syncpack tailwind tailwindcss taze tsc
  tsc-alias tsd tsdown tsgo tsup typedoc unbuild vitest vue-tsc wait-on wait-port web-ext wireit xo
`);
/** Builders that have a server of their own, for those who ask for it. */
const servesWhatItBuilds = new Set(words("brunch esbuild stencil"));
/** The same of other languages. */
const otherTools = words(`
  alembic black celery composer gofmt golangci-lint gotestsum isort mypy nox pest phpunit pint pip pip3 pyright pytest rake rspec
  rubocop ruff tox twine venv virtualenv
`);
const tools = new Set([...otherTools, ...systemPrograms, ...packageManagers, ...buildPrograms]);

/** What programs that serve with other commands do and end. */
const endingCommands = new Set(
  words(`
    add build bundle check ci clean codegen compile create db deploy export format generate help info init install lint list
    login logout migrate new package publish pull push release remove seed sync test type-check typecheck types
    uninstall update upgrade validate version
  `),
);
const servingCommands = new Set(words("dev develop offline serve server start"));
/** Programs that run another one's file, again when it changes: that serves where the script says so. */
const fileRunners = new Set(words("babel-node esno jiti swc-node ts-node ts-node-esm vite-node"));
const infoFlags = ["--help", "--version"];
const watchFlags = ["-w", "--watch", "watch"];
/** What tells a program that builds and watches to serve that, too. */
const servingFlag = /^--(?:serve|servedir|serve-dir|server)(?:=|$)/;
/** `web-dev-server --watch` reloads pages. */
const serverName = /(?:^|-)(?:serve|server|wds)$/;

/**
 * Whether a program that is no framework's does something other than serve, by its name and by what it is told: it builds,
 * checks, prints, or watches files to do that again. Of a program that isn't known, a script called `dev` says that it
 * serves, unless its own words speak against that.
 */
export function isTool(program: string, args: readonly string[]): boolean {
  if (servesWhatItBuilds.has(program) && args.some((arg) => servingFlag.test(arg))) return false;
  if (tools.has(program) || program.startsWith("create-") || args.some((arg) => infoFlags.includes(arg)))
    return true;
  if (fileRunners.has(program)) return false;
  const command = args.find((arg) => !arg.startsWith("-")) ?? "";
  if (endingCommands.has(command)) return true;
  const serves = serverName.test(program) || servingCommands.has(command);
  const watches = args.some((arg) => watchFlags.includes(arg));
  return watches && !serves && findPortFlag(args, ["--port", "-p"]) === undefined;
}
