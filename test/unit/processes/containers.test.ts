import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDockerPs, parsePodmanPs } from "../../../daemon/processes/container-engine.ts";
import { recogniseContainer, servedByProxy } from "../../../daemon/processes/containers.ts";
import { containerWords, stopAdvice } from "../../../shared/model/container.ts";

const dockerProxy =
  "/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80 -use-listen-fd";
const id = "4f1c0ee2a1b94cf3a90f7c3f0a6a7d3b8c5e1d2f3a4b5c6d7e8f9a0b1c2d3e4f";

describe("The proxy of a container's published port", () => {
  it("is Docker's, with address and port inside", () => {
    const inside = { engine: "docker", address: "172.17.0.2", port: 80 };
    assert.deepEqual(recogniseContainer(dockerProxy, 8080), inside);
    const rootless = dockerProxy.replace("/usr/bin/docker-proxy", "rootlesskit-docker-proxy");
    assert.deepEqual(recogniseContainer(rootless, 8080), inside);
    assert.deepEqual(servedByProxy(dockerProxy), { address: "0.0.0.0", port: 8080 });
  });

  it("is Docker Desktop's, on macOS and on Windows with blanks in its path", () => {
    for (const command of [
      "/Applications/Docker.app/Contents/MacOS/com.docker.backend run",
      '"C:\\Program Files\\Docker\\Docker\\resources\\com.docker.backend.exe" run',
    ]) {
      assert.deepEqual(recogniseContainer(command, 8080), { engine: "docker" }, command);
    }
  });

  it("is Podman's in each of its ways, with what the command line tells", () => {
    const conmon = `/usr/bin/conmon --api-version 1 -c ${id} -u ${id} -r /usr/bin/crun -n web --exit-dir /run/libpod/exits`;
    assert.deepEqual(recogniseContainer(conmon, 8080), {
      engine: "podman",
      name: "web",
      id: id.slice(0, 12),
    });
    const pasta =
      "/usr/bin/pasta --config-net -t 127.0.0.1/9000-9002:90-92,8080-8080:80-80 --dns-forward 169.254.1.1 -u none";
    assert.deepEqual(recogniseContainer(pasta, 9001), { engine: "podman", port: 91 });
    assert.deepEqual(recogniseContainer(pasta, 8080), { engine: "podman", port: 80 });
    assert.deepEqual(recogniseContainer(pasta, 7), { engine: "podman" });
    for (const command of ["rootlessport", "/usr/bin/slirp4netns --mtu=65520 -r 3 4711 tap0"]) {
      assert.deepEqual(recogniseContainer(command, 8080), { engine: "podman" }, command);
    }
  });

  it("is WSL's relay, which may serve anything in there", () => {
    const relay = '"C:\\Program Files\\WSL\\wslrelay.exe" --mode 2 --vm-id {a} --handle 2';
    assert.deepEqual(recogniseContainer(relay, 3000), { engine: "wsl" });
  });

  it("isn't a program that only mentions one, or has a name of its own", () => {
    for (const command of [
      "node /usr/bin/docker-proxy",
      "vim docker-proxy -container-port 80",
      "my-docker-proxy",
      "docker-proxy-2",
      "/opt/docker-proxy/bin/server",
      "",
    ]) {
      assert.equal(recogniseContainer(command, 8080), undefined, command);
      assert.equal(servedByProxy(command), undefined, command);
    }
  });

  it("gets no name that could be anything but one: it ends up in a command to type", () => {
    assert.deepEqual(recogniseContainer("conmon -c ;ls -n $(reboot)", 8080), { engine: "podman" });
    const row = { ID: "4f1c0ee2a1b9", Names: "`reboot`" };
    assert.deepEqual(parseDockerPs(JSON.stringify(row)), { id: "4f1c0ee2a1b9" });
  });
});

describe("The engine's own word", () => {
  it("is read from docker ps, a line a container", () => {
    const line = `{"Command":"\\"/docker-entrypoint.…\\"","ID":"4f1c0ee2a1b9","Image":"nginx:1.27","Labels":"","Names":"web","Networks":"bridge","Ports":"0.0.0.0:8080->80/tcp, [::]:8080->80/tcp","RunningFor":"2 hours ago","State":"running","Status":"Up 2 hours"}\n`;
    assert.deepEqual(parseDockerPs(line + line.replace('"web"', '"other"')), {
      id: "4f1c0ee2a1b9",
      name: "web",
      image: "nginx:1.27",
    });
    for (const text of ["", "json\n", "Cannot connect to the Docker daemon", "{}", "[]", "null"]) {
      assert.equal(parseDockerPs(text), undefined, text);
    }
  });

  it("is read from podman ps, which lists all containers, by the published port", () => {
    const ports = (host_port: number, range: number) => [
      { host_ip: "", container_port: 80, host_port, range, protocol: "tcp" },
    ];
    const list = JSON.stringify([
      { Id: id, Image: "docker.io/library/redis:7", Names: ["cache"], Ports: null },
      { Id: id, Image: "docker.io/library/nginx:1.27", Names: ["web"], Ports: ports(8080, 3) },
    ]);
    const web = { id: id.slice(0, 12), name: "web", image: "docker.io/library/nginx:1.27" };
    assert.deepEqual(parsePodmanPs(list, 8080), web);
    assert.deepEqual(parsePodmanPs(list, 8082), web);
    assert.equal(parsePodmanPs(list, 8083), undefined);
    assert.equal(parsePodmanPs("Error: no podman here", 8080), undefined);
  });
});

describe("A container in words", () => {
  it("is named as far as it is known, with how to stop it", () => {
    const web = { engine: "docker", name: "web", image: "nginx:1.27", port: 80 } as const;
    assert.equal(containerWords(web), "container web (docker, nginx:1.27, port 80)");
    assert.equal(stopAdvice(web, 8080), "stop it with: docker stop web");
    assert.equal(containerWords({ engine: "podman" }), "container (podman)");
    assert.match(
      stopAdvice({ engine: "docker" }, 8080),
      /docker ps --filter publish=8080, then: docker stop NAME/,
    );
    assert.equal(
      stopAdvice({ engine: "podman", id: "4f1c0ee2a1b9" }, 8080),
      "stop it with: podman stop 4f1c0ee2a1b9",
    );
    assert.equal(stopAdvice({ engine: "wsl" }, 3000), "end it inside WSL");
  });
});
