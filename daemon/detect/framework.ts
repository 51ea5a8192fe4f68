/** What there is to know about one framework's development server. */
export interface Framework {
  readonly id: string;
  /** The app it serves: `mobile` for a bundler of native apps, else `web`. */
  readonly app: "web" | "mobile";
  /** Executables, and packages that `npx` runs under their own name. */
  readonly programs: readonly string[];
  /** What its server shows in place of its command line, where that is another name than its programs'. */
  readonly titles?: readonly string[];
  /** Commands that start the development server; the first one is used where there is no script. */
  readonly commands: readonly string[];
  /** Set where the program starts it without a command: every other command it has. */
  readonly otherCommands?: readonly string[];
  /** A script that serves by its name may call it without a command: an older version serves then. */
  readonly bare?: true;
  /** Words behind a command that make it something else: of a server that runs already, it shows or ends that one. */
  readonly asides?: readonly string[];
  /** The port it takes when nothing is said. */
  readonly port: number;
  /** Flags that set the port; the first one passes a wished port. None: it listens to `PORT` alone. */
  readonly portFlags: readonly string[];
  /** Environment variables besides `PORT` that set the port. */
  readonly portVariables?: readonly string[];
  /** Flags that take a value and may stand before the command. */
  readonly valueFlags?: readonly string[];
  /** It takes `port` or `host:port` as an argument. */
  readonly takesAddress?: true;
  /** Flags that print something and exit, where they aren't the usual ones. */
  readonly infoFlags?: readonly string[];
  /** Dependencies that show its presence; the first is reason enough to start it without a script. */
  readonly packages: readonly string[];
  /** An app has one of these, files or directories; a package without any is built or tested with it, and is no server. */
  readonly files?: readonly string[];
  /** It serves something beside an app: an API, documentation, a catalogue of components. */
  readonly beside?: true;
  /** A package whose presence turns another framework's program into this one (SvelteKit's is `vite`). */
  readonly refines?: { readonly framework: string; readonly dependency: string };
}
