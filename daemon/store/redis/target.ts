import { isIP } from "node:net";
import type { RedisOptions } from "ioredis";
import { DevlatchError } from "../../../shared/base/errors.ts";

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is, and how to name it without its password. */
export interface RedisTarget {
  readonly options: RedisOptions;
  /** Of a Cluster: nodes that name the others. */
  readonly nodes?: readonly RedisNode[];
  /** The URL with `***` for the password: for messages, logs and status. */
  readonly name: string;
}

const forms =
  "redis://[user:password@]host[:port][/db], rediss://… for TLS, redis+sentinel://[user:password@]host:port[,host:port…]/name[/db], redis+cluster://[user:password@]host:port[,host:port…], or unix:///path/of/socket[?db=N&user=U&password=P]";

/**
 * Reads a Redis URL: `redis://`, `redis+sentinel://` or `redis+cluster://`, each with `rediss` for TLS, `unix://` or an
 * absolute path of a socket.
 * @throws DevlatchError `INVALID_INPUT`, without repeating the URL's password
 */
export function parseRedisUrl(text: string): RedisTarget {
  const given = text.trim().startsWith("/") ? `unix://${text.trim()}` : text.trim();
  const [, scheme, kind, authority = "", rest = ""] =
    /^(rediss?)\+(sentinel|cluster):\/\/([^/?#]*)(.*)$/i.exec(given) ?? [];
  if (scheme && kind) {
    const several = readSeveral(scheme.toLowerCase(), kind.toLowerCase(), authority, rest);
    return kind.toLowerCase() === "cluster" ? overCluster(several) : overSentinel(several);
  }
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

/** A URL with several hosts, taken apart. */
interface Several {
  readonly name: string;
  readonly nodes: readonly (RedisNode & { readonly isDefaultPort: boolean })[];
  readonly path: readonly string[];
  readonly secure: boolean;
  readonly login: Pick<RedisOptions, "username" | "password">;
}

/** Several hosts in one URL are beyond URL parsers: each is read as a URL of its own. */
function readSeveral(scheme: string, kind: string, authority: string, rest: string): Several {
  const at = authority.lastIndexOf("@") + 1;
  const [credentials, hosts] = [authority.slice(0, at), authority.slice(at).split(",")];
  const urls = hosts.map((host) => URL.parse(`${scheme}://${credentials}${host}${rest}`));
  const first = urls[0];
  if (!first) throw invalid("it is not a URL");
  const nodes = urls.map((url) => {
    if (!url || url.hostname === "") throw invalid(`one of its hosts is no host:port`);
    const host = decode(url.hostname).replace(/^\[(.*)\]$/, "$1");
    return { host, port: Number(url.port), isDefaultPort: url.port === "" };
  });
  const shown = new URL(first);
  if (shown.password !== "") shown.password = "***";
  return {
    name: shown.href.replace(`${scheme}:`, `${scheme}+${kind}:`).replace(first.host, hosts.join(",")),
    nodes,
    path: first.pathname.split("/").slice(1),
    secure: scheme === "rediss",
    login: login(decode(first.username), decode(first.password)),
  };
}

function overSentinel({ name: shown, nodes, path, secure, login }: Several): RedisTarget {
  const [name = "", db = "", ...more] = path;
  if (name === "" || more.length > 0)
    throw invalid("it doesn't end with /name or /name/db after the Sentinels");
  return {
    name: shown,
    options: {
      sentinels: nodes.map((node) => withPort(node, 26_379)),
      name: decode(name),
      db: database(db),
      ...login,
      ...(secure ? { tls: {}, enableTLSForSentinelMode: true } : {}),
    },
  };
}

function overCluster({ name, nodes, path, secure, login }: Several): RedisTarget {
  if (path.some((part) => part !== "")) throw invalid("a Cluster has one database, and no path names it");
  return {
    name,
    nodes: nodes.map((node) => withPort(node, 6379)),
    options: { ...login, ...(secure ? { tls: {} } : {}) },
  };
}

function withPort({ host, port, isDefaultPort }: Several["nodes"][number], usual: number): RedisNode {
  return { host, port: isDefaultPort ? usual : port };
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
