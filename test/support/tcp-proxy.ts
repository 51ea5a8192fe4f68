import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";

/** A bad network between a client and a server on this machine. */
export interface TcpProxy {
  readonly port: number;
  /** Connections made so far. */
  readonly count: number;
  /** What is connected now goes silent in both directions without being closed; new connections work. */
  freeze(): void;
  /** Requests of the present connections still arrive; the first reply to come is dropped and its connection cut. */
  cutNextReplies(): void;
  close(): Promise<void>;
}

/** Listens on a free port and passes everything to `port`. */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  const links = new Set<Link>();
  let count = 0;
  const server = createServer((client) => {
    count++;
    const link = join(client, createConnection(port, "127.0.0.1"), () => links.delete(link));
    links.add(link);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server without a port");
  return {
    port: address.port,
    get count() {
      return count;
    },
    freeze: () => {
      for (const link of links) link.freeze();
    },
    cutNextReplies: () => {
      for (const link of links) link.cutNextReply();
    },
    close: async () => {
      for (const link of links) link.end();
      server.close();
      await once(server, "close");
    },
  };
}

interface Link {
  freeze(): void;
  cutNextReply(): void;
  end(): void;
}

function join(client: Socket, server: Socket, onEnd: () => void): Link {
  let mode: "pass" | "frozen" | "cut" = "pass";
  const end = () => {
    if (mode === "frozen") return;
    client.destroy();
    server.destroy();
    onEnd();
  };
  client.on("data", (data) => mode !== "frozen" && server.write(data));
  server.on("data", (data) => {
    if (mode === "cut") end();
    else if (mode === "pass") client.write(data);
  });
  for (const socket of [client, server]) socket.on("error", () => {}).on("close", end);
  return {
    freeze: () => {
      mode = "frozen";
    },
    cutNextReply: () => {
      mode = "cut";
    },
    end: () => {
      mode = "pass";
      end();
    },
  };
}
