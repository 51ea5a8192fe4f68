import type { External } from "./app.ts";

/** `localhost:5432`, `[::1]:5432` */
export function externalAddress({ host, tcp }: External): string {
  return host.includes(":") ? `[${host}]:${tcp}` : `${host}:${tcp}`;
}
