import { AppName } from "../../shared/model/app.ts";
import { SandboxId } from "../../shared/model/sandbox.ts";

/** The output of a session, as agents name it. */
export interface OutputPlace {
  readonly sandboxId: string;
  readonly app: string;
  /** Lines after this sequence; the last ones without it. */
  readonly cursor?: number;
}

export const outputTemplate = "devlatch://output/{sandboxId}/{app}{?cursor}";

export function outputUri({ sandboxId, app }: OutputPlace): string {
  return `devlatch://output/${sandboxId}/${app}`;
}

/** @returns undefined for what is no such address */
export function parseOutputUri(uri: string): OutputPlace | undefined {
  const [, sandbox, name, cursor] =
    /^devlatch:\/\/output\/([\w.-]{1,64})\/([\w-]{1,40})(?:\?cursor=(\d{1,15}))?$/.exec(uri) ?? [];
  const sandboxId = SandboxId.safeParse(sandbox).data;
  const app = AppName.safeParse(name).data;
  if (sandboxId === undefined || app === undefined) return undefined;
  return { sandboxId, app, ...(cursor === undefined ? {} : { cursor: Number(cursor) }) };
}
