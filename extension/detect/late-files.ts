import type { SandboxView } from "../../shared/model/sandbox.ts";

/** Describes folders by their files alone; what that takes is loaded when it is first asked for. */
export class LateFiles {
  readonly #home: string;

  /** @param home absolute path of Devlatch's home */
  constructor(home: string) {
    this.#home = home;
  }

  /** @throws DevlatchError see `describeFiles` */
  async describe(cwd: string): Promise<SandboxView> {
    const { describeFiles } = await import("./files-view.ts");
    return describeFiles(cwd, this.#home);
  }
}
