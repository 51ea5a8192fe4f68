import { campaign } from "./campaign.ts";

// npm run fuzz -- SECONDS SEED: gives every decoder invented inputs. Exit code 1 where one did what it must not.

const [seconds = 60, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
if (!Number.isFinite(seconds) || !Number.isFinite(seed)) {
  console.error("usage: npm run fuzz -- SECONDS SEED");
  process.exit(2);
}
console.log(`seed ${seed}`);
const { inputs, bytes, slowest, faults } = await campaign({ seconds }, seed);
console.log(`${inputs} inputs, ${Math.round(bytes / 1e6)} MB in ${seconds} s`);
for (const [name, ms] of [...slowest].sort((a, b) => b[1] - a[1]).slice(0, 8))
  console.log(`  ${name}: ${Math.round(ms)} ms at most`);
for (const { decoder, round, what, input } of faults)
  console.log(`\n${decoder}, round ${round}: ${what}\n  ${input}`);
console.log(faults.length === 0 ? "no faults" : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
