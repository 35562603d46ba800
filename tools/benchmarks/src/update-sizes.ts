/** `pnpm sizes`: measures the bundles and writes docs/sizes.json and docs/sizes.md. Run after `pnpm build`. */

import { updateSizes } from './size-report.ts';

for (const [name, { rolldown, esbuild }] of Object.entries(await updateSizes())) {
  process.stdout.write(`${name.padEnd(62)} ${String(rolldown).padStart(6)} rolldown ${String(esbuild).padStart(6)} esbuild\n`);
}
