import { DevlatchError } from "../../shared/base/errors.ts";
import type { Listener } from "../../shared/model/process.ts";
import { shortCommand } from "../../shared/model/process-words.ts";
import type { SessionRecord } from "../../shared/model/session.ts";
import { conflictData, freeingAdvice, listenersInWords, type WantedPort } from "./errors.ts";

/**
 * `PORT_CONFLICT` where another launch of this daemon is about to listen there. @param next the port it could have
 * instead, where that is known
 */
export function portPromised({ app, port }: WantedPort, whose: string, next?: number): DevlatchError {
  return new DevlatchError(
    "PORT_CONFLICT",
    `Port ${port}, which ${app} wants, is given to ${whose}, which starts just now.`,
    "Take another: --on-conflict next, or --port N.",
    { data: conflictData(port, [], next) },
  );
}

/**
 * `PORT_FIXED`: the caller's port can't be given to this server.
 * @param wanted its own port, and why it can have no other
 * @param listeners who holds its own port
 */
export function portFixed(wanted: WantedPort, asked: number, listeners: readonly Listener[]): DevlatchError {
  const { app, port, fixed = "its command sets it" } = wanted;
  const held = listeners.length === 0 ? "is free" : `is used by ${listenersInWords(listeners)}`;
  const advice = listeners.length === 0 ? "" : ` ${freeingAdvice(port, listeners)}`;
  return new DevlatchError(
    "PORT_FIXED",
    `${app} can't be given port ${asked}, because ${fixed}. Its own port, ${port}, ${held}.`,
    `Start it without --port, or name a command of devlatch.json that takes one: {port} stands for it there.${advice}`,
    { data: { port, asked, listeners } },
  );
}

/**
 * `PORT_CONFLICT` by the server's own words: it ended, or waits, because its port is taken.
 * @param wanted with the port that it was told instead, and wanted this one all the same
 */
export function addressTaken(
  wanted: WantedPort & { readonly ignored?: number | undefined },
  listeners: readonly Listener[],
  logTail: readonly string[],
): DevlatchError {
  const { app, port, fixed, ignored } = wanted;
  const told =
    ignored === undefined
      ? ""
      : ` It was told to listen on port ${ignored}: what wants port ${port} doesn't read PORT.`;
  const other =
    ignored !== undefined
      ? " For a port of its own, have its program read PORT, or put {port} for it into a command in devlatch.json."
      : fixed === undefined
        ? " Or take another: --on-conflict next, or --port N."
        : "";
  return new DevlatchError(
    "PORT_CONFLICT",
    `${app} could not listen on port ${port}, which is used by ${listenersInWords(listeners)}.${told}`,
    `See it with: devlatch port ${port}. ${freeingAdvice(port, listeners)}${other} Its output: devlatch logs ${app}`,
    { data: { port, listeners, logTail } },
  );
}

/** A `PORT_CONFLICT` with the port that it could be instead. */
export function withNext(error: DevlatchError, next: number | undefined): DevlatchError {
  const { code, message, remedy, data, cause } = error;
  if (next === undefined) return error;
  return new DevlatchError(code, message, remedy, { data: { ...(data as object), next }, cause });
}

/** `PORT_CONFLICT` where to free the port would end the caller itself. @param whose what of the caller's would end */
export function carriesCaller(port: number, listeners: readonly Listener[], whose: string): DevlatchError {
  const [one] = listeners;
  const what = one ? `\`${shortCommand(one.command)}\` (pid ${one.pid})` : "A process";
  return new DevlatchError(
    "PORT_CONFLICT",
    `${what}, which listens on port ${port}, is what ${whose} runs in: to end it would end ${whose}, too. Nothing was ended.`,
    `Use another port, or end it from elsewhere.`,
    { data: { port, listeners } },
  );
}

/** `PORT_FIXED`: of several servers under one command another one took the port that was meant for the app. */
export function portSpread(
  { app, settings }: Pick<SessionRecord, "app" | "settings">,
  port: number,
  listeners: readonly Listener[],
): DevlatchError {
  const told = settings.told ? " Each of them was told that port." : "";
  return new DevlatchError(
    "PORT_FIXED",
    `${app} could not listen on port ${port}: \`${settings.command.join(" ")}\` starts several servers, and another of them has it: ${listenersInWords(listeners)}.${told}`,
    `Start it where it listens by itself (without --port), give each its port in its own script, or name the command of ${app} alone in devlatch.json. Its output: devlatch logs ${app}`,
    { data: { port, listeners } },
  );
}
