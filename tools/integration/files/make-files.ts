/**
 * Makes the sample files of this folder, and SHA256SUMS; the same bytes each time, on every platform.
 *
 *     node make-files.ts            writes them
 *     node make-files.ts --check    compares them with what is there; exit code 1 if one differs
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

import { brochure } from './make/brochure.ts';
import { campaign } from './make/campaign.ts';
import { contract } from './make/contract.ts';
import { encodeJpeg } from './make/jpeg.ts';
import { landscape } from './make/landscape.ts';

const picture = landscape();
const photo = encodeJpeg(picture, 85);
const samples: Readonly<Record<string, Buffer>> = {
  'brochure.pdf': brochure({ jpeg: photo, width: picture.width, height: picture.height }),
  'campaign.de-DE.xlf': campaign(true),
  'campaign.xlf': campaign(false),
  'contract.docx': contract(),
  'photo.jpg': photo,
};
const sums = Object.entries(samples).map(([name, content]) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`);
const files = Object.entries({ ...samples, SHA256SUMS: Buffer.from(sums.join('')) });

const [option, ...others] = process.argv.slice(2);
if (others.length > 0 || (option !== undefined && option !== '--check')) {
  console.error('Usage: node make-files.ts [--check]');
  process.exitCode = 2;
} else if (option === '--check') {
  for (const [name, content] of files) {
    const found = await readFile(new URL(name, import.meta.url)).catch(() => undefined);
    if (found?.equals(content)) continue;
    console.error(`${name}: ${found ? 'differs from what make-files.ts makes' : 'cannot be read'}`);
    process.exitCode = 1;
  }
  if (process.exitCode === undefined) console.log(`${files.length} files are as make-files.ts makes them.`);
} else {
  for (const [name, content] of files) {
    await writeFile(new URL(name, import.meta.url), content);
    console.log(`${name}: ${content.length} bytes`);
  }
}
