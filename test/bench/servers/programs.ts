import type { ProjectName } from "../../support/projects.ts";

/** A dev server of the fixtures, as it is measured. */
export interface Program {
  readonly project: ProjectName;
  /** What it is called in the table. */
  readonly name: string;
  readonly app: "web" | "mobile";
  /** Where it answers. */
  readonly path: string;
  /** Beyond a user's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Rounds of a full measurement. */
  readonly rounds: number;
}

const web = { app: "web", path: "/", env: {}, rounds: 40 } as const;

export const plain: Program = { ...web, project: "plain", name: "a plain node server" };
export const next: Program = {
  ...web,
  project: "next",
  name: "Next 16",
  env: { NEXT_TELEMETRY_DISABLED: "1" },
  rounds: 20,
};
export const vite: Program = { ...web, project: "vite", name: "Vite 8" };
export const concurrently: Program = { ...web, project: "concurrently", name: "under concurrently" };
export const expo: Program = {
  project: "expo",
  name: "Expo 56",
  app: "mobile",
  path: "/status",
  env: { EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1" },
  rounds: 8,
};
