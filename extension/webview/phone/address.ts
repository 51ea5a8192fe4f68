import { t } from "@vscode/l10n";
import { plainText } from "../../../shared/base/plain-text.ts";
import type { PhoneAddress } from "./phone-data.ts";

/** Longer addresses give codes that no phone reads. */
const longestUrl = 500;

/**
 * Lines in which Expo's command line names its address, as a pattern of the daemon's: `› Metro: exp://192.168.1.5:8081`,
 * and before SDK 56 `› Metro waiting on exp://…`.
 */
export const addressLines = "› Metro(?::| waiting on) [^ ]+$";

/** What a line names, where it is something that a phone opens; undefined for a page of the web. */
export function addressIn(line: string): string | undefined {
  const url = plainText(line.trim()).split(" ").at(-1) ?? "";
  return isForPhones(url) ? url : undefined;
}

/** Expo Go's scheme, or that of the project's own development build, which names the server as a parameter. */
function isForPhones(text: string): boolean {
  const url = text.length <= longestUrl ? URL.parse(text) : null;
  if (url === null) return false;
  if (url.protocol === "exp:" || url.protocol === "exps:") return true;
  return (
    url.hostname === "expo-development-client" && !/^(?:https?|file|javascript|data):$/.test(url.protocol)
  );
}

/** One address of one interface of this machine. */
export interface OwnAddress {
  readonly name: string;
  readonly address: string;
}

/** What is known of the way from a phone to the server. */
export interface Way {
  /** Addresses of this machine in its networks, IPv4, loopback left out. */
  readonly own: readonly OwnAddress[];
  /** Those of them at which the server's port took no connection. */
  readonly closed: ReadonlySet<string>;
  /** Name of the way to another machine that the folder is on (`ssh-remote`); undefined on this one. */
  readonly remote: string | undefined;
}

/** The address that Expo printed, and what stands in its way. */
export function printedAddress(url: string, way: Way): PhoneAddress {
  return { url, source: t("As Expo's command line says."), warnings: warningsOf(hostOf(url), way) };
}

/**
 * The address of a server that printed none: this machine's in its network.
 * @returns undefined where the machine has no network
 */
export function guessedAddress(port: number, way: Way): PhoneAddress | undefined {
  const [first] = [...way.own].sort((a, b) => rank(a) - rank(b));
  if (first === undefined) return undefined;
  const source = t(
    "Expo printed no address for phones: this is the machine's own ({0}).",
    plainText(first.name),
  );
  return {
    url: `exp://${first.address}:${port}`,
    source,
    warnings: warningsOf(first.address, way),
  };
}

/** Networks that a phone may be in first, those of containers and virtual machines last. */
function rank({ name, address }: OwnAddress): number {
  const isVirtual = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|tun|tap|utun|wg|tailscale|vEthernet)/i.test(
    name,
  );
  const isPrivate = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(address);
  return (isVirtual ? 2 : 0) + (isPrivate ? 0 : 1);
}

/** The host that a phone connects to; of a development build the one in its parameter. */
function hostOf(url: string): string {
  const server = URL.parse(url)?.searchParams.get("url");
  return URL.parse(server ?? url)?.hostname ?? "";
}

function warningsOf(host: string, { own, closed, remote }: Way): readonly string[] {
  if (isLoopback(host))
    return [
      t(
        "Only this machine itself reaches {0}: a phone doesn't. Expo takes it where it was started with --localhost, or where there is no network.",
        host,
      ),
    ];
  const isOwn = own.some(({ address }) => address === host);
  return [
    ...(closed.has(host)
      ? [
          t(
            "The server takes no connections at {0}, only on this machine's localhost: a phone doesn't reach it.",
            host,
          ),
        ]
      : []),
    ...(isOwn && remote !== undefined
      ? [
          t(
            "This folder is on another machine ({0}): the phone has to be in that one's network. Else start Expo with --tunnel.",
            plainText(remote),
          ),
        ]
      : []),
  ];
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}
