import assert from "node:assert/strict";
import { test } from "node:test";
import { actionsOn } from "../../../extension/state/server-actions.ts";
import { serversOf } from "../../../extension/state/servers.ts";
import type { WindowState } from "../../../extension/state/window-state.ts";
import { serverNodes } from "../../../extension/views/server-nodes.ts";
import {
  addressIn,
  addressLines,
  guessedAddress,
  printedAddress,
  type Way,
} from "../../../extension/webview/phone/address.ts";
import { ExpoServer, type PhoneSurroundings } from "../../../extension/webview/phone/expo-server.ts";
import { Emitter } from "../../../shared/base/emitter.ts";
import { DevlatchError } from "../../../shared/base/errors.ts";
import type { SessionState, SessionView } from "../../../shared/model/session.ts";
import { waitFor } from "../../support/wait.ts";
import { clock, disconnected, now, session, states, windowState } from "./samples.ts";

const lan = { name: "eth0", address: "192.168.1.5" };
const way = (given: Partial<Way> = {}): Way => ({
  own: [lan],
  closed: new Set(),
  remote: undefined,
  ...given,
});

test("of Expo's lines those with its address are read, old and new; nothing else is an address for phones", () => {
  const lines = ["› Metro: exp://192.168.1.5:8081", "[app] › Metro waiting on exp://192.168.1.5:8081"];
  for (const line of lines) {
    assert.match(line, new RegExp(addressLines));
    assert.equal(addressIn(line), "exp://192.168.1.5:8081");
  }
  const build = "shop://expo-development-client/?url=http%3A%2F%2F192.168.1.5%3A8081";
  assert.equal(addressIn(`› Metro: ${build}`), build);
  for (const other of [
    "http://localhost:8081",
    "javascript://expo-development-client/%0aalert(1)",
    "sms:+491",
    `exp://${"a".repeat(600)}`,
    "",
  ])
    assert.equal(addressIn(`› Metro: ${other}`), undefined, other);
  assert.doesNotMatch("› Web: http://localhost:8081", new RegExp(addressLines));
});

test("an address that only this machine reaches is said to be one", () => {
  for (const url of [
    "exp://127.0.0.1:8081",
    "exp://localhost:8081",
    "shop://expo-development-client/?url=http%3A%2F%2F127.0.0.1%3A8081",
  ])
    assert.match(printedAddress(url, way()).warnings.join(), /Only this machine itself reaches/, url);
  assert.deepEqual(printedAddress("exp://192.168.1.5:8081", way()).warnings, []);
  const closed = printedAddress("exp://192.168.1.5:8081", way({ closed: new Set([lan.address]) }));
  assert.match(closed.warnings.join(), /takes no connections at 192\.168\.1\.5/);
});

test("on another machine the phone has to be in that one's network, unless a tunnel leads there", () => {
  const remote = way({ remote: "ssh-remote" });
  assert.match(printedAddress("exp://192.168.1.5:8081", remote).warnings.join(), /another machine/);
  assert.deepEqual(printedAddress("exp://abc-anonymous-8081.exp.direct", remote).warnings, []);
});

test("without a printed address it is the machine's own, in a network rather than in one of containers", () => {
  const own = [
    { name: "docker0", address: "172.17.0.1" },
    { name: "tailscale0", address: "100.64.0.9" },
    { name: "wlan0", address: "10.0.0.7" },
  ];
  assert.equal(guessedAddress(8081, way({ own }))?.url, "exp://10.0.0.7:8081");
  assert.equal(guessedAddress(8081, way({ own: [] })), undefined);
});

/** An Expo server in a window, with what the daemon was asked, and what it answers. */
function follow(
  state: SessionState,
  given: Partial<SessionView> = {},
  { lines = [], refusal }: { lines?: readonly string[]; refusal?: DevlatchError } = {},
) {
  const changed = new Emitter<WindowState>();
  const view = (state: SessionState) =>
    windowState({ sessions: [session("mobile", state, { framework: "expo", ...given })] });
  let current = view(state);
  const asked: [string, { data?: string; cursor?: number }][] = [];
  const waiting: ((lines: readonly string[]) => void)[] = [];
  const page = (texts: readonly string[]) => ({
    messages: texts.map((text, at) => ({ seq: at + 1, time: now, kind: "output" as const, text })),
    next: texts.length,
    prev: null,
  });
  const request = (method: string, params: { cursor?: number }, { signal }: { signal?: AbortSignal }) => {
    asked.push([method, params]);
    if (method === "terminal/press") return refusal ? Promise.reject(refusal) : Promise.resolve({});
    if (params.cursor === undefined) return Promise.resolve(page(lines));
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(new Error("aborted")));
      waiting.push((texts) => resolve(page(texts)));
    });
  };
  const parts: PhoneSurroundings = {
    state: {
      get current() {
        return current;
      },
      onChanged: changed.event,
    },
    sender: { request: request as PhoneSurroundings["sender"]["request"] },
    network: { addresses: () => [lan], accepts: () => Promise.resolve(true) },
    remote: undefined,
  };
  const [server] = serversOf(current).filter(({ app }) => app === "mobile");
  assert.ok(server);
  const expo = new ExpoServer(server, parts);
  const become = (next: Partial<WindowState> | SessionState) => {
    current = "kind" in next ? view(next) : { ...current, ...next };
    changed.fire(current);
  };
  return { expo, asked, waiting, become };
}

const url = (expo: ExpoServer) => {
  const { place } = expo.data(now);
  return place.kind === "found" ? place.address.url : place.kind;
};

test("the address is what Expo printed last, and follows it; a launch that ended has none", async () => {
  const { expo, waiting, become } = follow(
    states.ready,
    {},
    {
      lines: ["› Metro: exp://192.168.1.5:8081"],
    },
  );
  assert.equal(url(expo), "looking");
  await waitFor("the address", () => url(expo) === "exp://192.168.1.5:8081");
  const build = "shop://expo-development-client/?url=http%3A%2F%2F192.168.1.5%3A8081";
  await waitFor("the next question", () => waiting.length > 0);
  waiting[0]?.([`› Metro: ${build}`]);
  await waitFor("the other address", () => url(expo) === build);

  become(states.stopped);
  const { place, canStart, noKeys } = expo.data(now);
  assert.deepEqual(place, { kind: "none", reason: "mobile doesn't run, so a phone finds nothing." });
  assert.deepEqual([canStart, expo.url], [true, undefined]);
  assert.match(noKeys ?? "", /while it runs/);
  become(states.starting);
  assert.match(JSON.stringify(expo.data(now).place), /being started/);
  assert.equal(expo.data(now).canStart, false);
  become({ ...states.ready, since: now });
  await waitFor("the address again", () => url(expo) === "exp://192.168.1.5:8081");
  become({ link: disconnected });
  assert.match(JSON.stringify(expo.data(now).place), /Not connected to the daemon/);
  expo.dispose();
});

test("where Expo printed nothing the machine's own address is shown, with its source", async () => {
  const { expo } = follow(states.ready);
  await waitFor("an address", () => url(expo) === "exp://192.168.1.5:3001");
  assert.match(JSON.stringify(expo.data(now).place), /printed no address for phones.*eth0/);
  expo.dispose();
});

test("keys are pressed at the server's terminal; a server started by hand and an untrusted window have none", async () => {
  const { expo, asked, become } = follow(states.ready);
  await expo.press("reload");
  await expo.press("menu");
  const pressed = () => asked.filter(([method]) => method === "terminal/press").map(([, { data }]) => data);
  assert.deepEqual(pressed(), ["r", "m"]);
  assert.match(expo.data(now).said, /developer menu/);
  become({ trusted: false });
  await expo.press("reload");
  assert.match(expo.data(now).noKeys ?? "", /isn't trusted/);
  expo.dispose();
  const byHand = follow(states.ready, { hosting: "adopted" });
  await byHand.expo.press("reload");
  assert.match(byHand.expo.data(now).noKeys ?? "", /started by hand/);
  byHand.expo.dispose();
  assert.deepEqual(pressed().length, 2);
});

test("a key that isn't taken says why", async () => {
  const refusal = new DevlatchError(
    "NOT_RUNNING",
    "dev_server_mobile isn't running.",
    "devlatch start mobile",
  );
  const { expo } = follow(states.ready, {}, { refusal });
  await expo.press("reload");
  assert.equal(expo.data(now).said, "mobile isn't running.");
  expo.dispose();
});

test("only Expo's servers offer their code, on the row as in the menu", () => {
  const expo = { framework: "expo" };
  const both = windowState({
    folders: [],
    sessions: [session("mobile", states.ready, expo), session("web", states.ready, { framework: "next" })],
  });
  const rows = serverNodes(both, clock).flatMap(({ children = [] }) => children);
  assert.deepEqual(
    rows.map(({ label, contextValue, server }) => [
      label,
      contextValue,
      server && actionsOn(server).some(({ title }) => title === "Show QR Code"),
    ]),
    [
      ["mobile", "server.expo", true],
      ["web", "server.ready", false],
    ],
  );
});
