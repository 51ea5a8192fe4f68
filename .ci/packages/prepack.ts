import { cp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readBuilt } from "./contents.ts";
import { copyForNpm } from "./npm.ts";
import { inStage } from "./stage.ts";

// What npm runs before it packs or publishes the repository itself, after a clean build: `dist` becomes what the package that
// `npm run package -- --target npm` makes has there. Afterwards npm has it built again.

const root = resolve(import.meta.dirname, "../..");
const built = await readBuilt(root);
await inStage(root, [], async (stage) => {
  await copyForNpm(built, stage);
  await rm(join(root, "dist"), { recursive: true });
  await cp(join(stage, "dist"), join(root, "dist"), { recursive: true });
});
