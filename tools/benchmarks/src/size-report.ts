/** `docs/sizes.json`, which the tests compare with, and `docs/sizes.md`, which people read. */

import { readFileSync, writeFileSync } from 'node:fs';

import { measureSize, type Size } from './measure-size.ts';
import { sizeCases, type SizeCase } from './size-cases.ts';

/** Name to bytes (gzip). */
export type SizeTable = Readonly<Record<string, Pick<Size, 'rolldown' | 'esbuild'>>>;

const jsonFile = new URL('../../../docs/sizes.json', import.meta.url);
const textFile = new URL('../../../docs/sizes.md', import.meta.url);

/** What was committed. */
export function readSizes(): SizeTable {
  return JSON.parse(readFileSync(jsonFile, 'utf8')) as SizeTable;
}

/** Sizes of cases, those `beyond` another one as the difference. */
export async function measureCases(cases: readonly SizeCase[] = sizeCases): Promise<Record<string, Size>> {
  const sizes: Record<string, Size> = {};
  for (const { name, code, beyond } of cases) {
    const size = await measureSize(code);
    const base = beyond === undefined ? undefined : await measureSize(sizeCases.find((other) => other.name === beyond)!.code);
    sizes[name] = { ...size, rolldown: size.rolldown - (base?.rolldown ?? 0), esbuild: size.esbuild - (base?.esbuild ?? 0) };
  }
  return sizes;
}

/** Measures all cases and writes both files. */
export async function updateSizes(): Promise<SizeTable> {
  const measured = await measureCases();
  const ky = await measureSize("import ky from 'ky'; console.log(await ky(location.href).json());");
  const table: SizeTable = Object.fromEntries(
    [['ky alone', ky] as const, ...Object.entries(measured)].map(([name, { rolldown, esbuild }]) => [name, { rolldown, esbuild }]),
  );
  writeFileSync(jsonFile, `${JSON.stringify(table, undefined, 2)}\n`);
  const rows = Object.entries(table).map(([name, size]) => {
    const { promised, beyond } = sizeCases.find((other) => other.name === name) ?? {};
    const sign = beyond === undefined ? '' : '+';
    const worst = Math.max(size.rolldown, size.esbuild);
    const verdict = promised === undefined ? '' : `${kilobytes(promised)}${worst <= promised ? '' : ' (missed)'}`;
    return `| ${name} | ${sign}${kilobytes(size.rolldown)} | ${sign}${kilobytes(size.esbuild)} | ${verdict} |`;
  });
  const text = readFileSync(textFile, 'utf8');
  const start = text.indexOf('<!-- sizes -->');
  const end = text.indexOf('<!-- /sizes -->');
  if (start < 0 || end < start) throw new Error('docs/sizes.md has lost its marks <!-- sizes --> and <!-- /sizes -->');
  const head = `<!-- sizes -->\n\n| program | rolldown | esbuild | goal |\n| --- | --- | --- | --- |\n`;
  writeFileSync(textFile, `${text.slice(0, start)}${head}${rows.join('\n')}\n\n${text.slice(end)}`);
  return table;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(bytes < 1000 ? 2 : 1)} KB`;
}
