import { isLoopback } from "../../../shared/base/loopback.ts";
import { parseRecordKey } from "../../../shared/model/keys.ts";
import { asObject, type Json, toShared } from "./sharing.ts";

/**
 * Checks what a session's or run's record says of itself before anything else is made of it.
 * @param own the record as this home wrote it last
 */
export function asSession(
  key: string,
  value: unknown,
  own: Json | undefined,
): { readonly record: Json } | { readonly problem: string } {
  const record = asObject(value);
  if (!record) return { problem: "is no record" };
  const { kind, id, name } = parseRecordKey(key) ?? {};
  const named = kind === "session" ? record["app"] : record["key"];
  if (record["sandboxId"] !== id || named !== name)
    return { problem: "is of another thing than its key says" };
  const isSession = kind !== "session" || record["session"] === `dev_server_${name}`;
  const isRun = kind !== "run" || /^session_[0-9a-f]{8}$/.test(String(record["session"]));
  if (!isSession || !isRun) return { problem: `has the session name ${JSON.stringify(record["session"])}` };
  const url = urlIn(record);
  if (url !== undefined && url !== urlIn(own && toShared(own)) && !isLocalUrl(url))
    return { problem: `has the URL ${JSON.stringify(url)}, which isn't of this machine` };
  return { record };
}

function urlIn(record: Json | undefined): unknown {
  return asObject(record?.["state"])?.["url"];
}

/** Whether a server's URL is one of this machine's own: http or https, on a loopback address. */
function isLocalUrl(text: unknown): boolean {
  if (typeof text !== "string" || text.length > 2_000 || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isWeb = protocol === "http:" || protocol === "https:";
  return isWeb && isLoopback(hostname) && username === "" && password === "";
}
