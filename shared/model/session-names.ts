import type { AppName } from "./app.ts";

/** `dev_server_<app>` */
export function sessionName(app: AppName): string {
  return `dev_server_${app}`;
}

/** A session as people call it: by its app, which every message does; a run's session by its own name. */
export function spokenSession(session: string): string {
  return appOfSession(session) ?? session;
}

/** The app whose session has this name; undefined for the session of a run. */
export function appOfSession(session: string): AppName | undefined {
  return /^dev_server_(.+)$/.exec(session)?.[1];
}
