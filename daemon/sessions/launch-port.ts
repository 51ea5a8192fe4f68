import type { AppPlan } from "../../shared/model/app.ts";
import type { LaunchSettings, SessionRecord } from "../../shared/model/session.ts";
import type { PortChoice } from "./port-choice.ts";

/** A server that came up. */
export interface Launched {
  readonly record: SessionRecord;
  /** What the caller should know of its port, in words. */
  readonly notice?: string;
}

/** How one launch went: the server, with what else is to be known of its ports, or another port to be launched on. */
export type LaunchOutcome =
  | { readonly record: SessionRecord; readonly beside: string | undefined }
  | { readonly next: PortChoice };

/** A launch's port, and the plan as it was before that was chosen. */
export type Chosen = Pick<PortChoice, "target" | "notice"> & { readonly wished: AppPlan };

/** The port it is to listen on, unless that is a guess: no caller wants that one. */
export function portWords(
  { settings: { port, wish, told } }: SessionRecord,
  before: string,
  after = "",
): string {
  return wish?.origin === "guessed" && !told ? "" : `${before}${port}${after}`;
}

/** What a record keeps of the port before one was chosen. */
export function keptWish({ port, portOrigin: origin, configuredPort }: AppPlan): LaunchSettings["wish"] {
  return { port, origin, ...(configuredPort === undefined ? {} : { configured: configuredPort }) };
}

/**
 * What the caller should know: the choice, that a server doesn't listen where it was told to, and what else was said of ports.
 */
export function noticeOf(
  { target, notice }: Chosen,
  { state }: SessionRecord,
  beside?: string,
): Pick<Launched, "notice"> {
  const { app, port, portOrigin } = target.plan;
  const elsewhere = portOrigin === "asked" && state.kind === "ready" && state.port !== port;
  const ignored = elsewhere
    ? `${app} was told to listen on port ${port}, and listens on ${state.port}: it doesn't read PORT. Where its command takes a port, {port} stands for it in devlatch.json.`
    : undefined;
  const found = [notice, ignored, beside].filter((one) => one !== undefined).join(" ");
  return found === "" ? {} : { notice: found };
}
