import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { type CallToolResult, Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { commandLine } from "../../support/cli.ts";
import type { TestHome } from "../../support/home.ts";
import type { Owner } from "../../support/owner.ts";

/** What an agent is, beside its name. */
export interface AgentOptions {
  readonly name?: string;
  /** Where its process stands. */
  readonly cwd: string;
  /** Workspaces; without them the client has none to tell of. */
  readonly roots?: string[];
  /** What its person answers; without it no person can be asked. */
  readonly answer?: (message: string) => boolean;
  /** Beyond a user's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** `2026-07-28` speaks the newer protocol. */
  readonly protocol?: string;
}

/** A call's answer. */
export interface Answered {
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what is there is what the test claims
  readonly data: any;
  readonly isError: boolean;
}

/** The official client, connected to `devlatch mcp` as an agent would be. */
export class TestAgent {
  readonly client: Client;
  readonly pid: number;
  /** What its person was asked. */
  readonly asked: readonly string[];

  private constructor(client: Client, pid: number, asked: readonly string[]) {
    this.client = client;
    this.pid = pid;
    this.asked = asked;
  }

  static async connect(owner: Owner, home: TestHome, options: AgentOptions): Promise<TestAgent> {
    const { name = "claude-code", cwd, roots, answer, protocol } = options;
    const asked: string[] = [];
    const client = new Client(
      { name, version: "1.0.0" },
      {
        capabilities: {
          ...(roots ? { roots: { listChanged: true } } : {}),
          ...(answer ? { elicitation: { form: {} } } : {}),
        },
        ...(protocol ? { versionNegotiation: { mode: { pin: protocol } } } : {}),
      },
    );
    if (roots)
      client.setRequestHandler("roots/list", () => ({
        roots: roots.map((path) => ({ uri: pathToFileURL(path).href })),
      }));
    if (answer)
      client.setRequestHandler("elicitation/create", ({ params }) => {
        asked.push(params.message);
        return answer(params.message)
          ? { action: "accept", content: { agree: true } }
          : { action: "decline" };
      });
    const env = Object.fromEntries(
      Object.entries(home.env(options.env)).filter((one): one is [string, string] => one[1] !== undefined),
    );
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [commandLine, "mcp"],
      env,
      cwd,
    });
    await client.connect(transport);
    owner.after(() => client.close());
    const { pid } = transport;
    assert.ok(pid);
    return new TestAgent(client, pid, asked);
  }

  /** Calls a tool. @param verb its name without what all begin with */
  async call(
    verb: string,
    input: Record<string, unknown> = {},
    options: Parameters<Client["callTool"]>[1] = {},
  ): Promise<Answered> {
    const params = { name: `devlatch_${verb}`, arguments: input };
    return answered(await this.client.callTool(params, options));
  }
}

function answered({ content, structuredContent, isError }: CallToolResult): Answered {
  const [first] = content;
  assert.equal(first?.type, "text");
  return { text: first.text, data: structuredContent, isError: isError === true };
}
