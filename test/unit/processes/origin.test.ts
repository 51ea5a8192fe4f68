import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseLineage } from "../../../daemon/processes/macos/ps-output.ts";
import { type Ancestor, agentRunning, climb, originOf, programOf } from "../../../daemon/processes/origin.ts";
import { terminalName } from "../../../daemon/processes/proc-files.ts";

/** A lineage from command lines, the command first; `@pts/3` in front puts one on a terminal. */
function lineage(...commands: readonly string[]): readonly Ancestor[] {
  return commands.map((text, index) => {
    const [, terminal, command = ""] = /^(?:@(\S+) )?(.*)$/.exec(text) ?? [];
    const pid = index === commands.length - 1 ? 1 : 100 - index;
    return { pid, ppid: 99 - index, name: "x", command, ...(terminal ? { terminal } : {}) };
  });
}

const cases: readonly (readonly [what: string, lineage: readonly Ancestor[], origin: string])[] = [
  [
    "typed in a terminal",
    lineage("@pts/3 node devlatch", "@pts/3 -zsh", "/usr/bin/gnome-terminal-server", "/sbin/init"),
    "-zsh",
  ],
  [
    "run by an agent in a shell and a session of its own",
    lineage("node devlatch", "/bin/bash -c devlatch start", "@pts/3 claude", "@pts/3 bash", "/sbin/init"),
    "claude",
  ],
  [
    "run by an editor's extension",
    lineage("node devlatch", "/bin/sh -c devlatch", "/opt/code/node --type=extensionHost", "systemd"),
    "/opt/code/node --type=extensionHost",
  ],
  [
    "run by a script through npx",
    lineage("node devlatch", "sh -c devlatch start", "npm exec devlatch start", "node /srv/e2e.js", "init"),
    "node /srv/e2e.js",
  ],
  [
    "run by a shell script in the background: the script itself",
    lineage(
      "node devlatch",
      "timeout 9 devlatch",
      "bash deploy.sh",
      "/usr/lib/systemd/systemd --user",
      "init",
    ),
    "bash deploy.sh",
  ],
  ["run by no one who lives", lineage("node devlatch", "/sbin/init"), "node devlatch"],
];

describe("on whose behalf a command runs", () => {
  for (const [what, given, origin] of cases) {
    it(what, () => assert.equal(originOf(given)?.command, origin));
  }

  it("at a terminal it is the leader of the session, whatever runs between", () => {
    const leader: Ancestor = { pid: 7, ppid: 1, name: "bash", terminal: "pts/3" };
    const given = lineage("@pts/3 node devlatch", "@pts/3 node agent.js", "@pts/3 bash", "init");
    assert.equal(originOf(given, leader), leader);
  });

  it("a circle of pids that were used again is no endless climb", () => {
    const circle = (pid: number): Ancestor => ({ pid, ppid: pid === 5 ? 6 : 5, name: "x" });
    assert.deepEqual(
      climb(5, circle).map(({ pid }) => pid),
      [5, 6],
    );
  });
});

describe("what a program is called", () => {
  for (const [command, name] of [
    ["-bash", "bash"],
    ["/usr/local/bin/claude --resume", "claude"],
    ["node /usr/lib/agents/codex.mjs exec", "codex"],
    ["node --enable-source-maps server.js", "server"],
    ["node -e const secret", "node"],
    ["node --import ./hooks.mjs --test-name-pattern a b test/x.test.ts", "x.test"],
    ["C:\\Windows\\System32\\cmd.exe /c x", "cmd"],
    ["tmux: server", "tmux"],
    ["", "short"],
  ] as const) {
    it(`${command || "nothing that can be read"}: ${name}`, () =>
      assert.equal(programOf({ name: "short", command }), name));
  }
});

describe("what tells terminals", () => {
  it("device numbers of Linux are names, as devices.txt has them", () => {
    const names = [0, 34_816, 34_819, 0x10_8800 + 44, 1025, 1088].map(terminalName);
    assert.deepEqual(names, [undefined, "pts/0", "pts/3", "pts/300", "tty1", "4:64"]);
  });

  it("macOS names them in ps, or says that there is none", () => {
    const text = `    1     0 ??       /sbin/launchd
  500     1 ??       /System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal
  501   500 ttys003  login -pf ada
  502   501 ttys003  -zsh
  510   502 ttys003  node /usr/local/bin/devlatch start web
  600   500 ??       claude
  601   600 ??       /bin/zsh -c devlatch start web
  602   601 ??       node /usr/local/bin/devlatch start web
`;
    assert.equal(originOf(parseLineage(text, 510))?.command, "login -pf ada");
    assert.equal(originOf(parseLineage(text, 602))?.command, "claude");
    assert.deepEqual(parseLineage(text, 4), []);
  });
});

describe("whether an agent runs a command", () => {
  const shown = (given: readonly Ancestor[], marked: boolean) => agentRunning(given, marked)?.command;
  const inOwnSession = lineage(
    "node devlatch",
    "/bin/bash -c devlatch",
    "@pts/3 claude",
    "@pts/3 zsh",
    "init",
  );
  const atTerminal = lineage(
    "@pts/3 node devlatch",
    "@pts/3 bash -c x",
    "@pts/3 node /opt/aider.py",
    "@pts/3 bash",
  );
  const ofPerson = lineage("@pts/3 node devlatch", "@pts/3 zsh", "cursor --type=ptyHost", "init");
  const inTmux = lineage("@pts/3 node devlatch", "@pts/3 zsh", "tmux new -s work", "init");

  it("known by its program's name, with or without a terminal", () => {
    assert.equal(shown(inOwnSession, false), "claude");
    assert.equal(shown(atTerminal, false), "node /opt/aider.py");
    assert.equal(shown(lineage("@pts/3 node devlatch", "@pts/3 zsh", "init"), false), undefined);
  });

  it("by its marks also where another program shows the terminal, or its name isn't known", () => {
    assert.equal(shown(ofPerson, false), undefined, "a person's terminal in an editor that is an agent, too");
    assert.equal(shown(ofPerson, true), "cursor --type=ptyHost");
    assert.equal(shown(lineage("node devlatch", "sh -c devlatch", "newagent", "init"), true), "newagent");
  });

  it("marks that a terminal's multiplexer handed on to a person say nothing", () => {
    assert.equal(shown(inTmux, true), undefined);
    assert.equal(shown(lineage("node devlatch", "/sbin/init"), true), undefined, "the agent has ended");
  });
});
