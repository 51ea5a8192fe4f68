import { isUsual, type UsualApp } from "../../shared/model/app.ts";
import { type Candidate, CandidateFinder } from "./candidates.ts";
import { ambiguousApp, onlyContainers, unknownApp } from "./choose-errors.ts";
import { isCalled, memberName, type Offer, pathName, principalOffer } from "./members.ts";
import { OtherParts } from "./other-parts.ts";
import type { Package } from "./package-json.ts";
import type { Packages } from "./packages.ts";
import type { Recogniser } from "./recognise.ts";
import type { Search } from "./search.ts";

/** What was chosen, and the name it goes by wherever it is asked for. */
export interface Chosen extends Candidate {
  readonly app: string;
  /** Set where it is one of several packages that could be this app, and not the one that goes by that name. */
  readonly member?: UsualApp;
}

/** The packages around a caller. */
interface Around {
  readonly own: Package | undefined;
  /** The root of the workspace that `own` belongs to; also where that is `own`. */
  readonly root: Package | undefined;
  /** All packages of that workspace but its root. */
  readonly members: readonly Package[];
}

/**
 * Chooses the commands of apps that aren't configured. An app called `web` or `mobile` is looked for in the caller's
 * package, then in the workspace root's, then in its packages; where several packages could be it, each goes by its own
 * name, and all by that name or their package's from everywhere in the workspace.
 */
export class Chooser {
  readonly #packages: Packages;
  readonly #finder: CandidateFinder;
  readonly #others: OtherParts;

  constructor(packages: Packages, recogniser: Recogniser) {
    this.#packages = packages;
    this.#others = new OtherParts(packages, recogniser);
    this.#finder = new CandidateFinder(packages, recogniser);
  }

  /** @throws DevlatchError `UNKNOWN_APP`, `AMBIGUOUS_APP`; `CONFIG_INVALID` for a broken `package.json` on the way */
  async choose(search: Search): Promise<Chosen> {
    const found = await this.#find(search);
    if (found.server.framework?.id === "compose") throw onlyContainers(search, found);
    return found;
  }

  async #find(search: Search): Promise<Chosen> {
    const near = await this.#around(search);
    const apps = search.only ? namesWithin(search.app) : [search.app];
    for (const app of apps) {
      const found = await this.#own(app, near, search);
      if (found !== undefined) return search.only ? { ...found, app: search.app } : found;
    }
    const around = await this.#withParts(near, search);
    const part = await this.#others.beside(around, search);
    if (part) return part;
    for (const app of apps) {
      const found = await this.#elsewhere(app, around, search);
      if (found !== undefined) return found;
    }
    const other = search.app === "web" || search.only ? await this.#others.around(search) : undefined;
    if (other) return { ...other, app: search.app };
    const { own, root, members } = around;
    const looked = [...new Set([own, root, ...members])].filter((one) => one !== undefined);
    throw unknownApp(search, looked, await this.#known(around, search));
  }

  /**
   * The names that a usual app goes by here: its own and, where several packages could be it, theirs.
   * @throws DevlatchError `CONFIG_INVALID`
   */
  async names(app: UsualApp, search: Search): Promise<readonly string[]> {
    const around = await this.#withParts(await this.#around(search), search);
    const offers = await this.#offers(around.members, app);
    const named = await Promise.all(offers.map((one) => this.#named(one, app, around, search.root)));
    const others = app === "web" ? await this.#others.names(search.root, around.members) : [];
    return [...new Set([app, ...named.map((one) => one.app), ...others])];
  }

  /** The apps that could be meant instead. */
  async #known(around: Around, search: Search): Promise<readonly string[]> {
    const found = [...(search.configured ?? [])];
    for (const app of ["web", "mobile"] as const) {
      const own = await this.#own(app, around, search);
      const offers = await this.#offers(around.members, app);
      const named = await Promise.all(offers.map((one) => this.#named(one, app, around, search.root)));
      found.push(...[own, ...named].flatMap((one) => (one === undefined ? [] : [one.app])));
    }
    return [...new Set([...found, ...(await this.#others.names(search.root, around.members))])];
  }

  async #around(search: Search): Promise<Around> {
    const ownDirectory = await this.#packages.files.nearestDirectory(search.from);
    const family =
      ownDirectory === undefined || search.only ? undefined : await this.#packages.familyOf(ownDirectory);
    return {
      own: await this.#readable(ownDirectory),
      root: await this.#readable(family?.root),
      members: await this.#packages.files.all(family?.members ?? []),
    };
  }

  /** With the packages below the caller's own, or below the sandbox's root, that no file calls a workspace. */
  async #withParts(around: Around, search: Search): Promise<Around> {
    const { own, root, members } = around;
    if (search.only || root || members.length > 0) return around;
    const loose = await this.#packages.looseAt(own?.directory ?? search.root);
    return loose ? { own, root: own, members: await this.#packages.files.all(loose.members) } : around;
  }

  /** What the caller's own package offers. */
  async #own(app: string, around: Around, search: Search): Promise<Chosen | undefined> {
    const { own, root, members } = around;
    if (own === undefined) return undefined;
    const isRoot = own === root && members.length > 0;
    const candidate = await (isRoot ? this.#finder.script(own, app) : this.#finder.offered(own, app));
    if (candidate === undefined) return undefined;
    const isMember = members.includes(own);
    return isMember && isUsual(app)
      ? this.#named({ owner: own, candidate }, app, around, search.root)
      : { ...candidate, app };
  }

  async #elsewhere(app: string, around: Around, search: Search): Promise<Chosen | undefined> {
    const { own, root, members } = around;
    const ofRoot = root && root !== own ? await this.#finder.script(root, app) : undefined;
    if (ofRoot) return { ...ofRoot, app };
    const called = isUsual(app) ? undefined : await this.#memberCalled(app, around, search.root);
    if (called) return called;
    const found =
      (await this.#onlyMember(app, members, search)) ??
      (root && members.length > 0 ? await this.#dependencyOfRoot(root, app) : undefined);
    if (found) return { ...found, app };
    return isUsual(app) ? this.#memberCalled(app, around, search.root) : undefined;
  }

  /** In an Nx workspace all tools are the root's, also those that only build what is below. */
  async #dependencyOfRoot(root: Package, app: string): Promise<Candidate | undefined> {
    if ((await this.#packages.files.nxRoot(root.directory)) !== undefined) return undefined;
    return this.#finder.dependency(root, app);
  }

  async #memberCalled(app: string, around: Around, root: string): Promise<Chosen | undefined> {
    for (const usual of ["web", "mobile"] as const) {
      const offers = await this.#offers(around.members, usual);
      const named = await Promise.all(offers.map((one) => this.#named(one, usual, around, root)));
      const exact = named.find((one) => one.app === app);
      if (exact) return exact;
      const called = offers.filter(({ owner }) => isCalled(owner, app) || pathName(owner, root) === app);
      if (called[0] && called.length === 1) return this.#named(called[0], usual, around, root);
    }
    return undefined;
  }

  /** What a package of the workspace offers, under the name it goes by in all of it. */
  async #named({ owner, candidate }: Offer, app: UsualApp, around: Around, root: string): Promise<Chosen> {
    const ofRoot = around.root && (await this.#finder.script(around.root, app));
    const offers = await this.#offers(around.members, app);
    const principal = ofRoot?.server.directory ?? principalOffer(offers, app)?.owner.directory;
    if (principal === owner.directory) return { ...candidate, app };
    const others = offers.map((one) => one.owner);
    return { ...candidate, app: memberName(owner, root, others, app), member: app };
  }

  async #offers(members: readonly Package[], app: string): Promise<readonly Offer[]> {
    const found: Offer[] = [];
    for (const owner of members) {
      const candidate = await this.#finder.offered(owner, app);
      if (candidate !== undefined) found.push({ owner, candidate });
    }
    return found;
  }

  async #onlyMember(
    app: string,
    members: readonly Package[],
    search: Search,
  ): Promise<Candidate | undefined> {
    const offers = await this.#offers(members, app);
    if (offers.length < 2) return offers[0]?.candidate;
    const called = offers.filter(({ owner }) => isCalled(owner, app));
    const principal = isUsual(app)
      ? principalOffer(offers, app)
      : called.length === 1
        ? called[0]
        : undefined;
    if (principal) return principal.candidate;
    throw ambiguousApp(search, offers);
  }

  async #readable(directory: string | undefined): Promise<Package | undefined> {
    if (directory === undefined) return undefined;
    const problem = await this.#packages.files.problem(directory);
    if (problem !== undefined) throw problem;
    return this.#packages.files.at(directory);
  }
}

/** In the directory that the configuration names, any app is what a web app would be. */
function namesWithin(app: string): readonly string[] {
  return isUsual(app) ? [app] : [app, "web"];
}
