import * as z from "zod";
import { AppName } from "../model/app.ts";

export const Cwd = z.string().min(1).describe("Absolute directory the caller works in");
export const InSandbox = z.object({ cwd: Cwd });
export const OfApp = InSandbox.extend({ app: AppName });
