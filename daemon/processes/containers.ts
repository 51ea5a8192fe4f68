import type { Container } from "../../shared/model/container.ts";
import { containerName } from "../../shared/model/container-name.ts";

/** Programs that listen for the published ports of containers, by name, and what their command lines tell. */
const proxies: Readonly<Record<string, (command: string, port: number) => Container>> = {
  "docker-proxy": dockerProxy,
  "rootlesskit-docker-proxy": dockerProxy,
  rootlesskit: () => ({ engine: "docker" }),
  "com.docker.backend": () => ({ engine: "docker" }),
  conmon: (command) => ({
    engine: "podman",
    ...containerName("name", flag(command, "n|-name")),
    ...containerName("id", flag(command, "c|-cid")?.slice(0, 12)),
  }),
  pasta: (command, port) => ({ engine: "podman", ...pick("port", forwardedPort(command, port)) }),
  "pasta.avx2": (command, port) => ({ engine: "podman", ...pick("port", forwardedPort(command, port)) }),
  rootlessport: () => ({ engine: "podman" }),
  "rootlessport-child": () => ({ engine: "podman" }),
  slirp4netns: () => ({ engine: "podman" }),
  wslrelay: () => ({ engine: "wsl" }),
};

/**
 * What a listener's command line tells of the container it serves.
 * @param port the port it listens on
 * @returns undefined for a process that is no container engine's proxy
 */
export function recogniseContainer(command: string, port: number): Container | undefined {
  const read = Object.hasOwn(proxies, programOf(command)) ? proxies[programOf(command)] : undefined;
  return read?.(command, port);
}

/** The port and address of the machine that a `docker-proxy` of this command line serves. */
export function servedByProxy(command: string): { address: string; port: number } | undefined {
  if (proxies[programOf(command)] !== dockerProxy) return undefined;
  const [address, port] = [flag(command, "-?host-ip"), flag(command, "-?host-port")];
  return address === undefined || port === undefined ? undefined : { address, port: Number(port) };
}

/** Name of the program that a command line runs, without directory and `.exe`. */
function programOf(command: string): string {
  const [, quoted, plain = ""] = /^(?:"([^"]*)"|(\S+))/.exec(command) ?? [];
  const path = quoted ?? plain;
  return (path.split(/[\\/]/).at(-1) ?? "").replace(/\.exe$/i, "");
}

function dockerProxy(command: string): Container {
  const port = flag(command, "-?container-port");
  return {
    engine: "docker",
    ...pick("address", flag(command, "-?container-ip")),
    ...pick("port", port === undefined ? undefined : Number(port)),
  };
}

/** Value of a flag: `-name value` or `-name=value`. @param names alternatives, without the first dash */
function flag(command: string, names: string): string | undefined {
  return new RegExp(`\\s-(?:${names})[\\s=](\\S+)`).exec(command)?.[1];
}

/** The port inside, in pasta's `-t 127.0.0.1/8080-8082:80-82` (passt(1), "-t"). */
function forwardedPort(command: string, port: number): number | undefined {
  const specs = [...command.matchAll(/\s(?:-t|--tcp-ports)[\s=](\S+)/g)].flatMap(([, list = ""]) =>
    list.split(","),
  );
  for (const spec of specs) {
    const [, first, last = first, inside = first] =
      /^(?:.*\/)?(\d+)(?:-(\d+))?(?::(\d+)(?:-\d+)?)?$/.exec(spec) ?? [];
    if (first === undefined || port < Number(first) || port > Number(last)) continue;
    return Number(inside) + port - Number(first);
  }
  return undefined;
}

function pick<K extends "address" | "port">(key: K, value: Container[K]): Pick<Container, K> | object {
  return value === undefined ? {} : { [key]: value };
}
