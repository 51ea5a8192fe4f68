import type { Topic } from "./topics.ts";

/** Pages as they are shown: at most 80 columns, and a screen and a half. */
export const pages: Readonly<Record<Topic, string>> = {
  agents: `Devlatch for coding agents

Start servers through Devlatch, not by npm run dev: one server runs for all,
every caller gets its URL, and no one has to end another's server by its port.

  devlatch start web --json         start it, or reuse what runs: "url", "port",
                                    "outcome": started, reused or adopted
  devlatch wait web --json          after an edit: is it built? Its errors
  devlatch logs web --since 5m      what it wrote; with --json also "next":
                                    go on with --cursor NEXT
  devlatch status --json            what runs, and what could be started here
  devlatch run test -- npm test     once at a time: who comes later gets the
                                    same output and exit code
  devlatch port 3000 --json         who listens there

An agent that speaks MCP has all this as tools: its configuration names
devlatch mcp. devlatch init writes it there, for a repository or a person.

With --json there is one JSON document on standard output, and nothing else.
An error is {"error": {"code", "message", "remedy"}}: do what "remedy" says.
logs --follow --json writes one message a line. Without a name all apps that
belong together are meant, and the document is an array.

Exit codes: 0 done, 1 failed, 2 usage, 3 conflict or consent is wanted,
4 store unavailable, 5 deadline, 6 unknown (wait), 130 interrupted.
Of wait: 0 built, 1 errors, 6 nothing tells; then a page helps: --visit /PATH.

Stopping what others use is refused (3) and says who they are. --yes is a
person's consent, not yours to give.

A server is told the port and the address of each app of its project as
DEVLATCH_PORT_<APP> and DEVLATCH_URL_<APP>; for your shell: devlatch env.
DEVLATCH_HOME=DIR is another daemon with servers of its own.`,

  redis: `Devlatch with Redis

One machine needs none. With Redis several machines or containers share a
sandbox: a server is started once, and all get its URL.

  export DEVLATCH_REDIS_URL=redis://user:password@host:6379/0

and in devlatch.json, the same on all of them: "sandbox": "team-box"

  redis://…  rediss://…              one Redis (7 or newer) or Valkey; with TLS
  redis+sentinel://host,host/name    the primary that Sentinel names
  redis+cluster://host,host          a Cluster, found by any of its nodes
  unix:///path/of/socket             a socket

A daemon that runs with another store is named and not used (exit code 3):
devlatch daemon stop ends it, servers run on, and the next command starts one.

Redis coordinates, and commands nothing: what is executed, ended or deleted
comes from your own machine. Values of variables stand there as short digests;
commands, directories and ports can be read. Who can write there can deny,
delay and show wrong lines: give it a password, TLS, and Devlatch a user of
its own, for keys and channels that begin with devlatch:.

While it is away, servers run on. What is new in a shared sandbox is refused
(exit code 4); sandboxes of one machine alone go on. "maxmemory-policy" should
be noeviction: an evicted lock is a lost lock.

Rights of the user, failover, what can't be promised: docs/redis.md.`,

  worktrees: `Devlatch with worktrees

Each checkout is a sandbox of its own: devlatch start in it starts its own
servers. A further worktree of a repository (git worktree add) gets a block of
ports that stays the same, so nothing has to be said for two to run at once.

  devlatch status                   all of them, this one first
  eval "$(devlatch env)"            PORT and DEVLATCH_PORT_<APP>, in a shell

A pool lends worktrees to agents, one owner each:

  devlatch sandbox claim            a clean worktree with ports of its own;
                                    says where it is, and how to give it back
  devlatch sandbox claim --wait 60  wait where all are taken
  devlatch sandbox list             who has which, and for how long
  devlatch sandbox renew            a lease ends after 30 minutes unless renewed
  devlatch sandbox release          stops its servers and cleans it

release keeps what is nowhere else: commits go to a branch devlatch/rescued-…,
and with --discard uncommitted changes, too; without it they are a reason to
refuse. claim asks before programs that the repository's own git configuration
runs on its files (--yes).

In devlatch.json:
  "sandboxes": {"max": 8, "warm": 1, "directory": "../worktrees",
                "keep": ["node_modules"]}

"keep" are caches that stay for the next owner. "setup": {"command": "npm ci"}
is done once in each checkout before anything is started or run there,
"teardown" when a sandbox is given back. \${sandbox} in a value of "env" is a
word of this checkout's own, e.g. for the name of a database.
`,
};
