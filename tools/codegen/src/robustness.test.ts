import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { carrierDocument } from './carrier.ts';
import { CodegenError } from './report.ts';
import { cleanFolders, processDocument } from './test-helpers.ts';

afterEach(cleanFolders);

const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)), 'utf8');
const parts = Object.fromEntries(
  ['tree', 'path', 'parameters'].map((name) => [`parts/${name}.yaml`, fixture(`parts/${name}.yaml`).replace('../kitchen-sink.yaml', '../api.yaml')]),
);
const values = [
  null,
  true,
  false,
  0,
  -1,
  'text',
  '',
  [],
  {},
  [null],
  [[]],
  { a: null },
  { $ref: '#/nowhere' },
  { $ref: '#/components/schemas/Pet' },
  { $ref: 5 },
  { type: [] },
  { type: null },
  { allOf: {} },
  { $ref: '#' },
];

/** A small generator of numbers, so that a failure can be repeated. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Replaces one value somewhere in a document. */
function spoil(document: unknown, random: () => number): string {
  const places: [object, string][] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node, key]);
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(document);
  const [owner, key] = places[Math.floor(random() * places.length)] as [object, string];
  const value = values[Math.floor(random() * values.length)];
  (owner as Record<string, unknown>)[key] = structuredClone(value);
  return `${key} = ${JSON.stringify(value)}`;
}

describe('spoiled documents', () => {
  it.each([
    ['kitchen-sink.yaml', 1],
    ['kitchen-sink-3.1.yaml', 2],
  ])('%s: are generated, or refused in words', { timeout: 60_000 }, (name, seed) => {
    const random = numbers(seed);
    const text = fixture(name);
    for (let round = 0; round < 60; round++) {
      const document = parse(text) as object;
      const what = spoil(document, random);
      try {
        const { api, facts } = processDocument(document, parts);
        JSON.stringify(carrierDocument(api, facts));
      } catch (error) {
        expect(error, `${what}: ${String((error as Error).stack)}`).toBeInstanceOf(CodegenError);
        expect((error as Error).message, what).toMatch(/api\.yaml|parts\//);
      }
      cleanFolders();
    }
  });
});
