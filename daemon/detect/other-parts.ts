import { lstat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { asAppName, isUsual } from "../../shared/model/app.ts";
import type { Candidate } from "./candidates.ts";
import { isCalled } from "./members.ts";
import { otherCommand } from "./other-projects.ts";
import type { Package } from "./package-json.ts";
import { type Packages, partNames } from "./packages.ts";
import type { Recogniser } from "./recognise.ts";
import type { Search } from "./search.ts";
import { principal } from "./servers.ts";

/** A part in another language, and the name it goes by. */
interface OtherPart extends Candidate {
  readonly app: string;
  readonly member: "web";
}

/** Projects of other languages: without a package around them, or as parts beside packages (`frontend` and `backend`). */
export class OtherParts {
  readonly #packages: Packages;
  readonly #recogniser: Recogniser;

  constructor(packages: Packages, recogniser: Recogniser) {
    this.#packages = packages;
    this.#recogniser = recogniser;
  }

  /** The project that the caller is in. */
  async around({ from, root, only }: Search): Promise<Candidate | undefined> {
    for (const directory of await this.#packages.files.ancestors(from)) {
      const found = await this.#in(directory);
      if (found) return found;
      if (only || directory === root) return undefined;
    }
    return undefined;
  }

  /**
   * A part beside packages, which goes by its directory's name: the caller's own, or the one that is called like the app.
   * @param own the package that the caller is in
   * @param members the packages
   */
  async beside(
    { own, members }: { readonly own: Package | undefined; readonly members: readonly Package[] },
    { app, from, root, only }: Search,
  ): Promise<OtherPart | undefined> {
    if (only || members.length === 0) return undefined;
    const isAsked = !isUsual(app) && !members.some((one) => isCalled(one, app));
    const above = await this.#packages.files.ancestors(from);
    const callers = app === "web" && own === undefined ? above.slice(0, above.indexOf(root)) : [];
    const asked = join(root, app);
    for (const directory of [...(isAsked && (await isDirectory(asked)) ? [asked] : []), ...callers]) {
      const found = await this.#in(directory);
      if (found) return { ...found, app: asAppName(relative(root, directory)), member: "web" };
    }
    return undefined;
  }

  /** The names of the parts beside packages that are directly below a directory. */
  async names(root: string, members: readonly Package[]): Promise<readonly string[]> {
    if (members.length === 0) return [];
    const taken = new Set(members.map(({ directory }) => directory));
    const names: string[] = [];
    for (const directory of partNames.map((name) => join(root, name))) {
      if (taken.has(directory) || !(await isDirectory(directory))) continue;
      if (await this.#in(directory)) names.push(basename(directory));
    }
    return names;
  }

  async #in(directory: string): Promise<Candidate | undefined> {
    const command = await otherCommand(this.#packages, directory);
    const servers = command && (await this.#recogniser.servers(command, directory, true));
    const server = servers && principal(servers);
    return command && server ? { command, directory, server } : undefined;
  }
}

/** Not by a link: that may lead out of the project, and packages aren't followed by one either. */
function isDirectory(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
