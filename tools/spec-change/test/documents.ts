/** Documents that tests change: ours, and the kitchen sink, which is another document than ours. */

import { fileURLToPath } from 'node:url';

import type { Dict } from '../../codegen/src/read-document.ts';
import { keysOf } from '../src/pointer.ts';
import { readSource } from '../src/read-source.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export const tenovos: Dict = (await readSource('specs/tenovos/assets.yaml', root)).document;
export const conversation: Dict = (await readSource('specs/egain/conversation.yaml', root)).document;
export const attachments: Dict = (await readSource('specs/egain/attachments.yaml', root)).document;
export const worldserver: Dict = (await readSource('specs/worldserver/files.yaml', root)).document;
export const sink: Dict = (await readSource('tools/codegen/fixtures/kitchen-sink.yaml', root)).document;
export const sink31: Dict = (await readSource('tools/codegen/fixtures/kitchen-sink-3.1.yaml', root)).document;

/** A copy of a document, to be changed. */
export function copyOf(document: Dict): Dict {
  return JSON.parse(JSON.stringify(document)) as Dict;
}

/** What stands at a pointer; a place that is not there is a mistake of the test. */
export function at(document: Dict, pointer: string): Dict {
  let value: unknown = document;
  for (const key of keysOf(pointer)) value = (value as Dict)[key];
  if (value === undefined) throw new Error(`nothing is at ${pointer}`);
  return value as Dict;
}

/** Puts a value at a pointer; undefined takes away what is there. */
export function put(document: Dict, pointer: string, value: unknown): void {
  const keys = keysOf(pointer);
  const last = keys.pop()!;
  const owner = at(document, keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''));
  if (value === undefined) delete owner[last];
  else owner[last] = value;
}
