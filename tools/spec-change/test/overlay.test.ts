import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { canonical } from '../src/pointer.ts';
import { applyOverlay } from '../src/overlay.ts';
import { readSource } from '../src/read-source.ts';
import { textOf } from '../src/update.ts';
import { thisRepository } from '../src/workspace.ts';
import { at, copyOf, put, tenovos } from './documents.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'overlay-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function corrected(actions: string, document = tenovos): Promise<ReturnType<typeof copyOf>> {
  const path = join(folder, 'corrections.yaml');
  await writeFile(path, `overlay: 1.0.0\ninfo: { title: Corrections, version: '1' }\nactions:\n${actions}`);
  return applyOverlay(document, path, 'specs/tenovos/assets.overlay.yaml');
}

describe('corrections', () => {
  test('update and remove what they name, and leave the given document alone', async () => {
    const before = canonical(tenovos);
    const found = await corrected(
      "  - target: $.paths['/asset/expose'].post\n    update: { operationId: sign }\n  - target: $.paths['/auth/token']\n    remove: true\n",
    );
    expect(at(found, '/paths/~1asset~1expose/post').operationId).toBe('sign');
    expect(at(found, '/paths')).not.toHaveProperty('/auth/token');
    expect(canonical(tenovos)).toBe(before);
  });

  test('take several items out of a list, each the right one', async () => {
    const found = await corrected("  - target: $.paths['/assets/asset/{id}'].get.parameters[?(@.in == 'query')]\n    remove: true\n");
    expect((at(found, '/paths/~1assets~1asset~1{id}/get/parameters') as unknown as { name: string }[]).map(({ name }) => name)).toEqual(['id']);
  });

  test.each([
    '  - target: $.__proto__\n    update: { polluted: 1 }\n',
    '  - target: $\n    update: { __proto__: { polluted: 1 } }\n',
    "  - target: $['constructor'].prototype\n    update: { polluted: 1 }\n",
    '  - target: $.info\n    update: { a: [{ __proto__: { polluted: 1 } }] }\n',
  ])('cannot reach the prototype of objects: %j', async (actions) => {
    await expect(corrected(actions)).rejects.toThrow('__proto__, constructor or prototype');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('whose target is gone end in an error that names each of them, and why it was there', async () => {
    const wrong = corrected(
      "  - target: $.paths['/gone'].get\n    description: The vendor forgot the id.\n    update: { operationId: x }\n  - target: $.paths['/asset/expose']\n    remove: true\n  - target: $.components.schemas.Nothing\n    remove: true\n",
    );
    await expect(wrong).rejects.toThrow(
      /assets\.overlay\.yaml: 2 corrections have no target any more:\n {4}\$\.paths\['\/gone'\]\.get \(The vendor forgot the id\.\)\n {4}\$\.components\.schemas\.Nothing\n/,
    );
    await expect(wrong).rejects.toThrow(/adapt the correction, or delete it/);
  });

  test('with a broken JSONPath are named, too', async () => {
    await expect(corrected('  - target: $.paths[\n    update: { a: 1 }\n')).rejects.toThrow(/a correction has no target any more:\n {4}\$\.paths\[/);
  });

  test('must be an overlay', async () => {
    const path = join(folder, 'wrong.yaml');
    await writeFile(path, 'openapi: 3.0.3\n');
    await expect(applyOverlay(tenovos, path, 'wrong.yaml')).rejects.toThrow(/not an OpenAPI Overlay 1\.0/);
  });

  test('keep the comments and the form of the text that they correct', async () => {
    const text =
      '# Ours\nopenapi: 3.0.3\ninfo: { title: A, version: "1" } # kept\npaths:\n  /a:\n    get:\n      operationId: get-a\n      responses: { "204": { description: Fine } }\n';
    const path = join(folder, 'document.yaml');
    await writeFile(path, text);
    const source = await readSource(path, folder);
    const now = copyOf(source.document);
    put(now, '/paths/~1a/get/operationId', 'getA');
    expect(textOf(source, now)).toBe(text.replace('get-a', 'getA'));
    expect(textOf(source, source.document)).toBe(text);
  });

  test.each(['egain/conversation', 'egain/attachments', 'tenovos/assets', 'worldserver/files'])(
    'of %s are all in its document, and have their targets',
    async (name) => {
      const { document } = await readSource(`specs/${name}.yaml`, thisRepository);
      const overlay = `specs/${name}.overlay.yaml`;
      expect(canonical(await applyOverlay(document, join(thisRepository, overlay), overlay))).toBe(canonical(document));
    },
  );
});
