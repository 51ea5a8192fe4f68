import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as z from "zod";
import { activationEvents } from "../../../extension/contributions/activation.ts";
import { declaredTool, mcpProvider, toolNames } from "../../../extension/contributions/agents.ts";
import { commands, editorBuiltIns } from "../../../extension/contributions/commands.ts";
import { contextKeys } from "../../../extension/contributions/context-keys.ts";
import {
  defaultSettings,
  retiredSettings,
  settingNames,
  settingsSection,
} from "../../../extension/contributions/settings.ts";
import { taskType } from "../../../extension/contributions/tasks.ts";
import {
  alertItem,
  expoItem,
  focusCommand,
  foundItem,
  lastKnownItem,
  lockItem,
  otherItems,
  scriptItem,
  serverItems,
  viewContainer,
  views,
} from "../../../extension/contributions/views.ts";
import { tools } from "../../../shared/agents/tools.ts";
import { repository } from "../../support/paths.ts";

const When = z.object({ command: z.string(), when: z.string(), group: z.string().default("") });
const Picture = z.union([z.string(), z.record(z.enum(["light", "dark", "hc", "hcLight"]), z.string())]);
const Step = z.object({
  id: z.string(),
  description: z.string(),
  media: z.object({ image: Picture.optional(), svg: z.string().optional(), altText: z.string().min(1) }),
  completionEvents: z.array(z.string()),
});
const Manifest = z.object({
  activationEvents: z.array(z.string()),
  contributes: z.object({
    commands: z.array(
      z.object({
        command: z.string(),
        title: z.string(),
        category: z.string(),
        icon: z.string(),
        enablement: z.string().optional(),
      }),
    ),
    menus: z.record(z.string(), z.array(When)),
    views: z.record(z.string(), z.array(z.object({ id: z.string(), visibility: z.string().optional() }))),
    viewsContainers: z.object({ activitybar: z.array(z.object({ id: z.string(), icon: z.string() })) }),
    languageModelTools: z.array(
      z.looseObject({ toolReferenceName: z.string().optional(), when: z.string() }),
    ),
    walkthroughs: z.array(z.object({ id: z.string(), steps: z.array(Step) })),
    taskDefinitions: z.array(z.object({ type: z.string(), required: z.array(z.string()) })),
    mcpServerDefinitionProviders: z.array(z.object({ id: z.string(), label: z.string() })),
    viewsWelcome: z.array(z.object({ view: z.string(), when: z.string(), contents: z.string() })),
    configuration: z.object({
      properties: z.record(
        z.string(),
        z.object({
          default: z.unknown(),
          scope: z.string(),
          enum: z.array(z.string()).optional(),
          keywords: z.array(z.string()).optional(),
        }),
      ),
    }),
  }),
});

const manifest = Manifest.parse(JSON.parse(readFileSync(join(repository, "package.json"), "utf8")));
const { contributes } = manifest;
const menuItems = Object.values(contributes.menus).flat();
const clauses = [
  ...menuItems.map(({ when }) => when),
  ...contributes.viewsWelcome.map(({ when }) => when),
  ...contributes.languageModelTools.map(({ when }) => when),
  ...contributes.commands.flatMap(({ enablement }) => enablement ?? []),
];
const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
const sorted = (values: Iterable<string>) => [...values].sort();

test("the manifest has exactly the table's commands, with their titles and icons", () => {
  const inManifest = contributes.commands.map(({ command, title, icon }) => `${command}|${title}|${icon}`);
  const inTable = Object.values(commands).map(({ id, title, icon }) => `${id}|${title}|$(${icon})`);
  assert.deepEqual(sorted(inManifest), sorted(inTable));
});

test("no id is used twice, and all commands are found under one name", () => {
  const ids = Object.values(commands).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual([...new Set(contributes.commands.map(({ category }) => category))], ["Devlatch"]);
});

test("menus and welcome texts lead to commands that exist", () => {
  const known = new Set<string>([
    ...Object.values(commands).map(({ id }) => id),
    ...Object.values(editorBuiltIns),
    focusCommand("servers"),
  ]);
  const texts = contributes.viewsWelcome.map(({ contents }) => contents);
  const linked = [...texts, ...steps.map(({ description }) => description)].flatMap((text) =>
    [...text.matchAll(/\(command:([^)?]+)/g)].map(([, id]) => id ?? ""),
  );
  const used = [...menuItems.map(({ command }) => command), ...linked];
  assert.deepEqual(
    used.filter((id) => !known.has(id)),
    [],
  );
});

test("the views and their container are those of the table", () => {
  assert.deepEqual(
    contributes.viewsContainers.activitybar.map(({ id }) => id),
    [viewContainer],
  );
  const shown = contributes.views[viewContainer] ?? [];
  const ids = shown.map(({ id }) => id);
  const folded = shown.filter(({ visibility }) => visibility === "collapsed").map(({ id }) => id);
  assert.deepEqual(folded, [views.locks], "locks are for those who look for them");
  assert.deepEqual(sorted(ids), sorted(Object.values(views)));
  const welcomed = contributes.viewsWelcome.map(({ view }) => view);
  // The one with buttons has a page of its own.
  assert.deepEqual(
    sorted(new Set(welcomed)),
    sorted(ids).filter((id) => id !== views.begin),
  );
});

test("when clauses use only context keys and views that exist", () => {
  const known = new Set<string>([...Object.values(contextKeys), ...Object.values(views)]);
  const used = clauses.flatMap((clause) => clause.match(/devlatch\.[A-Za-z.]+/g) ?? []);
  assert.deepEqual(
    used.filter((key) => !known.has(key)),
    [],
  );
});

test("every item menu can appear on some row, and every state of a server and every lock has a menu", () => {
  const items = contributes.menus["view/item/context"] ?? [];
  const values = [
    ...Object.values(serverItems),
    expoItem,
    lastKnownItem,
    scriptItem,
    foundItem,
    otherItems.task,
    lockItem,
    alertItem,
  ];
  for (const { command, when } of items) {
    assert.ok(
      values.some((value) => matchesItem(when, value)),
      `${command} never shows: ${when}`,
    );
  }
  for (const value of values) {
    assert.ok(
      items.some(({ when }) => matchesItem(when, value)),
      `nothing can be done with ${value}`,
    );
  }
});

test("what can be done with a server that is ready can be done with Expo's, and its code is shown for no other", () => {
  const items = contributes.menus["view/item/context"] ?? [];
  const shownFor = (value: string) =>
    items.flatMap(({ command, when }) => (matchesItem(when, value) ? [command] : []));
  const code = commands.showQrCode.id;
  const ofExpo = shownFor(expoItem);
  assert.deepEqual(
    ofExpo.filter((command) => command !== code),
    shownFor(serverItems.ready),
  );
  assert.ok(ofExpo.includes(code));
});

/** Whether a menu's entry shows on rows with this `viewItem`. */
function matchesItem(when: string, value: string): boolean {
  const [, pattern] = /viewItem =~ \/(.*?)\//.exec(when) ?? [];
  return pattern === undefined ? when.includes(`viewItem == ${value}`) : new RegExp(pattern).test(value);
}

test("buttons that run something are only offered in a trusted workspace", () => {
  const acting = new Set(
    (["start", "stop", "restart", "openTerminal"] as const).map((name) => commands[name].id),
  );
  const inline = (contributes.menus["view/item/context"] ?? []).filter(({ group }) =>
    group.startsWith("inline"),
  );
  const buttons = inline.filter(({ command }) => acting.has(command as `devlatch.${string}`));
  assert.deepEqual(new Set(buttons.map(({ command }) => command)), acting);
  for (const { command, when } of buttons) assert.match(when, /isWorkspaceTrusted/, command);
});

test("in Restricted Mode each row of the Servers view has one button, which leads to trust", () => {
  const inline = (contributes.menus["view/item/context"] ?? []).filter(({ group }) =>
    group.startsWith("inline"),
  );
  const rows = [...Object.values(serverItems), expoItem, foundItem, scriptItem, ...Object.values(otherItems)];
  for (const value of rows) {
    const shown = inline.filter(({ when }) => {
      const [, pattern] = /viewItem =~ \/(.*?)\/(?: |$)/.exec(when) ?? [];
      const fits =
        pattern === undefined
          ? when.includes(`viewItem == ${value} `) || when.endsWith(`viewItem == ${value}`)
          : new RegExp(pattern).test(value);
      return when.includes("view == devlatch.servers") && fits && !/(?<!!)isWorkspaceTrusted/.test(when);
    });
    assert.deepEqual(
      shown.map(({ command }) => command),
      [commands.trust.id],
      value,
    );
  }
});

test("commands that run something stay in the palette of an untrusted workspace, where they say why they don't", () => {
  const hidden = contributes.commands.filter(({ enablement }) => enablement?.includes("isWorkspaceTrusted"));
  assert.deepEqual(hidden, []);
});

test("the settings are those of the table, with the same defaults", () => {
  const { properties } = contributes.configuration;
  assert.deepEqual(
    sorted(Object.keys(properties)),
    sorted([...settingNames, ...retiredSettings].map((name) => `${settingsSection}.${name}`)),
  );
  for (const [name, value] of Object.entries(defaultSettings)) {
    assert.deepEqual(properties[`${settingsSection}.${name}`]?.default, value, name);
  }
});

test("each setting is found by the words that people look for it with, and says whose it is", () => {
  const { properties } = contributes.configuration;
  const scopes = { redisUrl: "machine", healthThresholds: "machine", notifications: "application" } as const;
  for (const name of settingNames) {
    const setting = properties[`${settingsSection}.${name}`];
    assert.ok((setting?.keywords?.length ?? 0) >= 3, name);
    assert.equal(setting?.scope, (scopes as Readonly<Record<string, string>>)[name] ?? "window", name);
  }
});

test("the Redis URL belongs to the machine: no workspace can set it", () => {
  assert.equal(contributes.configuration.properties["devlatch.redisUrl"]?.scope, "machine");
});

test("the extension is loaded where a project is, and not with every window", () => {
  assert.deepEqual(manifest.activationEvents, activationEvents);
  assert.deepEqual(
    activationEvents.filter((event) => /^(?:\*|onStartupFinished)$/.test(event)),
    [],
  );
});

test("the names that the editor's tools are registered by are those of the tools", () => {
  assert.deepEqual(sorted(toolNames), sorted(tools.map(({ name }) => name)));
});

test("agents' tools are declared as they are, by one name each, and offered where nothing else names them", () => {
  assert.deepEqual(contributes.languageModelTools, JSON.parse(JSON.stringify(tools.map(declaredTool))));
  const references = contributes.languageModelTools.map(({ toolReferenceName }) => toolReferenceName);
  assert.equal(new Set(references.filter(Boolean)).size, tools.length);
  assert.deepEqual(contributes.mcpServerDefinitionProviders, [mcpProvider]);
});

test("tasks have the type that their provider is registered for", () => {
  assert.deepEqual(
    contributes.taskDefinitions.map(({ type, required }) => [type, required]),
    [[taskType, ["app"]]],
  );
});

test("each of the walkthrough's four steps has a picture that is packed, and ends by what it asks for", () => {
  assert.equal(steps.length, 4);
  const packed = /^extension\/media\/.+$/;
  const known = new Set<string>([
    ...Object.values(commands).map(({ id }) => `onCommand:${id}`),
    ...Object.values(editorBuiltIns).map((id) => `onCommand:${id}`),
    ...Object.values(views).map((id) => `onView:${id}`),
    `onCommand:${focusCommand("servers")}`,
    ...Object.values(contextKeys).map((key) => `onContext:${key}`),
    ...settingNames.map((name) => `onSettingChanged:${settingsSection}.${name}`),
  ]);
  for (const { id, media, completionEvents } of steps) {
    const image = media.image ?? media.svg ?? "";
    for (const picture of typeof image === "string" ? [image] : Object.values(image))
      assert.ok(packed.test(picture) && existsSync(join(repository, picture)), `${id}: ${picture}`);
    assert.ok(completionEvents.length > 0 && completionEvents.every((event) => known.has(event)), id);
  }
});

test("the palette offers what can be done now: nothing is opened or stopped where nothing runs", () => {
  const palette = new Map(contributes.menus["commandPalette"]?.map(({ command, when }) => [command, when]));
  for (const name of ["openInBrowser", "openPreview", "copyUrl", "attachDebugger"] as const)
    assert.equal(palette.get(commands[name].id), contextKeys.hasReady, name);
  assert.equal(palette.get(commands.showQrCode.id), contextKeys.hasExpo);
  for (const name of ["stop", "stopAll", "wait"] as const)
    assert.equal(palette.get(commands[name].id), contextKeys.hasActive, name);
  // What looks at the machine is of use in every window, whatever is open there.
  const anywhere = [
    "status",
    "locks",
    "health",
    "port",
    "doctor",
    "diagnostics",
    "showDaemonLog",
    "restartDaemon",
    "openDashboard",
  ];
  const names = Object.keys(commands) as (keyof typeof commands)[];
  assert.deepEqual(sorted(names.filter((name) => !palette.has(commands[name].id))), sorted(anywhere));
});

test("the extension's page names every setting and each command it speaks of, and its pictures are there", () => {
  const page = readFileSync(join(repository, "extension/README.md"), "utf8");
  for (const name of settingNames) assert.ok(page.includes(`\`${settingsSection}.${name}\``), name);
  const pictures = [...page.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path = ""]) => path);
  assert.ok(pictures.length > 0);
  for (const path of pictures) assert.ok(existsSync(join(repository, path)), path);
  const titles = new Set(contributes.commands.map(({ title }) => title));
  for (const [, title = ""] of page.matchAll(/\*Devlatch: ([^*]+)\*/g)) assert.ok(titles.has(title), title);
});
