import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "../support/child.ts";
import { runCli } from "../support/cli.ts";
import type { TestHome } from "../support/home.ts";
import { isPortFree } from "../support/ports.ts";
import type { Template } from "./templates.ts";

/** For one command of the walk, in milliseconds. */
const stepMs = 240_000;

/** What a step came to: as it should be, or what was seen instead. */
export interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly seen: string;
}

interface Answer {
  readonly outcome: string;
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly elapsedMs: number;
}

/** The way of a developer's day through one project, in two checkouts of it. */
export class Walk {
  readonly #template: Template;
  readonly #home: TestHome;
  readonly #main: string;
  readonly #second: string;
  readonly steps: Step[] = [];

  /** @param second another checkout of the same repository, with its packages */
  constructor(template: Template, home: TestHome, main: string, second: string) {
    this.#template = template;
    this.#home = home;
    this.#main = main;
    this.#second = second;
  }

  /** All steps, each on what the ones before left. Never rejects. */
  async take(): Promise<readonly Step[]> {
    const started = await this.#start("start", this.#main, "started");
    const reused = await this.#start("reuse", this.#main, "reused");
    this.#note("same", started?.pid === reused?.pid, `pid ${started?.pid} and ${reused?.pid}`);
    await this.#waitFor("clean", [0]);
    await this.#breakAndMend();
    const restarted = await this.#start("restart", this.#main, "started", "restart");
    this.#note("keeps port", restarted?.port === started?.port, `${started?.port}, then ${restarted?.port}`);
    const beside = await this.#start("worktree", this.#second, "started");
    this.#note(
      "side by side",
      await this.#bothAnswer(restarted, beside),
      `${restarted?.port} and ${beside?.port}`,
    );
    await this.#stop([restarted, beside]);
    return this.steps;
  }

  #note(name: string, ok: boolean, seen: string): void {
    this.steps.push({ name, ok, seen });
    console.log(`  ${ok ? "✓" : "✗"} ${name}: ${seen}`);
  }

  async #start(name: string, cwd: string, outcome: string, verb = "start"): Promise<Answer | undefined> {
    const yes = verb === "restart" ? ["--yes"] : [];
    const { code, json, text } = await this.#ask([verb, this.#template.app, ...yes, "--cwd", cwd]);
    const answer = code === 0 ? (json as Answer) : undefined;
    const seen = answer
      ? `${answer.outcome} on ${answer.port} in ${(answer.elapsedMs / 1000).toFixed(1)} s`
      : `exit ${code}: ${text}`;
    this.#note(name, answer?.outcome === outcome, seen);
    return answer;
  }

  async #waitFor(name: string, codes: readonly number[]): Promise<void> {
    const visit = ["--visit", this.#template.path ?? "/"];
    const { code, json, text } = await this.#ask(["wait", this.#template.app, ...visit, "--cwd", this.#main]);
    const [first] = errorsOf(json);
    const place = first
      ? `${first.place?.file ?? "no file"}:${first.place?.line ?? "-"} ${first.message ?? ""}`
      : text;
    const rightFile =
      name !== "broken" ||
      this.#template.unwatched ||
      this.#template.placeless ||
      (first?.place?.file ?? "").endsWith(this.#template.file);
    this.#note(
      name,
      codes.includes(code ?? -1) && rightFile,
      `exit ${code}${code === 0 ? "" : `: ${place.slice(0, 160)}`}`,
    );
  }

  async #breakAndMend(): Promise<void> {
    const file = join(this.#main, this.#template.file);
    const sound = await readFile(file);
    await appendFile(file, this.#template.broken);
    await this.#waitFor("broken", this.#template.unwatched ? [0] : [1]);
    await writeFile(file, sound);
    await this.#waitFor("mended", [0]);
  }

  async #bothAnswer(one: Answer | undefined, other: Answer | undefined): Promise<boolean> {
    if (!one || !other || one.port === other.port) return false;
    const asked = await Promise.all(
      [one, other].map(({ url }) =>
        fetch(url, { signal: AbortSignal.timeout(stepMs) }).then(
          () => true,
          () => false,
        ),
      ),
    );
    return asked.every(Boolean);
  }

  async #stop(servers: readonly (Answer | undefined)[]): Promise<void> {
    const codes = await Promise.all(
      [this.#main, this.#second].map((cwd) => this.#ask(["stop", this.#template.app, "--yes", "--cwd", cwd])),
    );
    const ports = servers.flatMap((one) => (one ? [one.port] : []));
    const free = await Promise.all(ports.map((port) => isPortFree(port)));
    const left = (await runProgram("pgrep", ["-f", this.#main])).stdout.trim();
    const seen = `exit ${codes.map(({ code }) => code).join(" and ")}, ports ${free.every(Boolean) ? "free" : "taken"}, ${left === "" ? "nothing left" : `left: ${left.replaceAll("\n", " ")}`}`;
    this.#note("stop", codes.every(({ code }) => code === 0) && free.every(Boolean) && left === "", seen);
  }

  async #ask(words: readonly string[]): Promise<{ code: number | null; json: unknown; text: string }> {
    const env = this.#template.env ?? {};
    const result = await runCli([...words, "--json"], { home: this.#home, env, timeoutMs: stepMs });
    const { code, stdout, stderr } = result;
    return {
      code,
      json: parsed(stdout),
      text: messageOf(parsed(stdout)) ?? `${stdout}${stderr}`.slice(0, 200),
    };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Found {
  readonly message?: string;
  readonly place?: { readonly file?: string; readonly line?: number };
}

function errorsOf(json: unknown): readonly Found[] {
  const found = json as
    | { errors?: Found[]; build?: { errors?: Found[] }; error?: { data?: { errors?: Found[] } } }
    | undefined;
  return found?.errors ?? found?.build?.errors ?? found?.error?.data?.errors ?? [];
}

function messageOf(json: unknown): string | undefined {
  return (json as { error?: { message?: string } } | undefined)?.error?.message;
}
