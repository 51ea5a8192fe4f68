import { isIP } from "node:net";
import type { RedisOptions } from "ioredis";
import { DevlatchError } from "../../../shared/base/errors.ts";

/** Where Redis is, and how to name it without its password. */
export interface RedisTarget {
  readonly options: RedisOptions;
  /** The URL with `***` for the password: for messages, logs and status. */
  readonly name: string;
}

const forms =
  "redis://[user:password@]host[:port][/db], rediss://… for TLS, redis+sentinel://[user:password@]host:port[,host:port…]/name[/db], or unix:///path/of/socket[?db=N&user=U&password=P]";

/**
 * Reads a Redis URL: `redis://`, `rediss://` (TLS), `redis+sentinel://` (`rediss+sentinel://`), `unix://` or an absolute
 * path of a socket.
 * @throws DevlatchError `INVALID_INPUT`, without repeating the URL's password
 */
export function parseRedisUrl(text: string): RedisTarget {
  const given = text.trim().startsWith("/") ? `unix://${text.trim()}` : text.trim();
  const sentinel = /^(rediss?)\+sentinel:\/\/([^/?#]*)(.*)$/i.exec(given);
  if (sentinel) return overSentinel(sentinel[1] ?? "", sentinel[2] ?? "", sentinel[3] ?? "");
  const url = URL.parse(given);
  if (url === null) throw invalid("it is not a URL");
  switch (url.protocol) {
    case "redis:":
    case "rediss:":
      return overNetwork(url);
    case "unix:":
    case "redis+unix:":
      return overSocket(url);
    default:
      throw invalid(`${url.protocol}// is not a scheme of Redis`);
  }
}

function overNetwork(url: URL): RedisTarget {
  const host = decode(url.hostname).replace(/^\[(.*)\]$/, "$1");
  if (host === "") throw invalid("it names no host");
  const secure = url.protocol === "rediss:";
  return {
    name: redact(url),
    options: {
      host,
      port: url.port === "" ? 6379 : Number(url.port),
      db: database(url.pathname.slice(1)),
      ...login(decode(url.username), decode(url.password)),
      // Server Name Indication takes names only; the certificate is checked against the host either way.
      ...(secure ? { tls: isIP(host) ? {} : { servername: host } } : {}),
    },
  };
}

/** Several hosts in one URL are beyond URL parsers: each is read as a URL of its own. */
function overSentinel(scheme: string, authority: string, rest: string): RedisTarget {
  const at = authority.lastIndexOf("@") + 1;
  const [credentials, hosts] = [authority.slice(0, at), authority.slice(at).split(",")];
  const urls = hosts.map((host) => URL.parse(`${scheme}://${credentials}${host}${rest}`));
  const first = urls[0];
  if (!first) throw invalid("it is not a URL");
  const [, name = "", db = "", ...more] = first.pathname.split("/");
  if (name === "" || more.length > 0)
    throw invalid("it doesn't end with /name or /name/db after the Sentinels");
  const sentinels = urls.map((url) => {
    if (!url || url.hostname === "") throw invalid("one of its Sentinels is no host:port");
    const host = decode(url.hostname).replace(/^\[(.*)\]$/, "$1");
    return { host, port: url.port === "" ? 26_379 : Number(url.port) };
  });
  const shown = new URL(first);
  if (shown.password !== "") shown.password = "***";
  return {
    name: shown.href.replace(`${scheme}:`, `${scheme}+sentinel:`).replace(first.host, hosts.join(",")),
    options: {
      sentinels,
      name: decode(name),
      db: database(db),
      ...login(decode(first.username), decode(first.password)),
      ...(scheme.toLowerCase() === "rediss" ? { tls: {}, enableTLSForSentinelMode: true } : {}),
    },
  };
}

function overSocket(url: URL): RedisTarget {
  const path = decode(url.pathname);
  // A URL without a host can't carry them before an @.
  const [user, password] = [url.searchParams.get("user"), url.searchParams.get("password")];
  if (url.hostname !== "" || path === "" || path === "/")
    throw invalid("it names no absolute path of a socket");
  return {
    name: redact(url),
    options: { path, db: database(url.searchParams.get("db") ?? ""), ...login(user ?? "", password ?? "") },
  };
}

function login(username: string, password: string): Pick<RedisOptions, "username" | "password"> {
  return { ...(username === "" ? {} : { username }), ...(password === "" ? {} : { password }) };
}

function database(text: string): number {
  if (text === "") return 0;
  if (!/^\d{1,5}$/.test(text)) throw invalid("its database is not a number");
  return Number(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("it has a '%' that starts no escape");
  }
}

function redact(url: URL): string {
  const copy = new URL(url);
  if (copy.password !== "") copy.password = "***";
  for (const name of copy.searchParams.keys()) if (name !== "db") copy.searchParams.set(name, "***");
  return copy.href;
}

function invalid(why: string): DevlatchError {
  return new DevlatchError(
    "INVALID_INPUT",
    `The Redis URL can't be used: ${why}.`,
    `Set DEVLATCH_REDIS_URL (or the editor's setting) to ${forms}.`,
  );
}
