import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readSource } from '../src/read-source.ts';
import { at } from './documents.ts';

const head = "openapi: 3.0.3\ninfo: { title: A, version: '1' }\n";
let folder: string;
let server: Server;
let base: string;
const asked: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-source-'));
  server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url === '/gone.yaml') response.writeHead(404).end();
    else if (request.url === '/refers.yaml') response.end(`${head}paths: { /a: { $ref: './part.yaml' } }\n`);
    else response.end(`${head}paths: {}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const write = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
  return path;
};

describe('a document', () => {
  test('of several files becomes one, with what they share as components', async () => {
    await write(
      'several/parts/item.yaml',
      "get:\n  operationId: getA\n  parameters: [{ $ref: './id.yaml' }]\n  responses: { '200': { $ref: '../answers.yaml#/ok' } }\n",
    );
    await write('several/parts/id.yaml', 'name: id\nin: query\nschema: { type: string }\n');
    await write('several/answers.yaml', "ok:\n  description: Fine\n  content: { application/json: { schema: { $ref: './node.yaml' } } }\n");
    await write('several/node.yaml', 'type: object\nproperties: { child: { $ref: "./node.yaml" } }\n');
    const { document, text } = await readSource(await write('several/root.yaml', `${head}paths: { /a: { $ref: './parts/item.yaml' } }\n`), folder);
    expect(text).toBeUndefined();
    expect(JSON.stringify(document)).not.toMatch(/\.yaml/);
    expect(at(document, '/components/schemas')).toHaveProperty('node');
    expect(at(document, '/components/parameters/id')).toMatchObject({ name: 'id', in: 'query' });
  });

  test('that is dirty is read, and its repairs are told', async () => {
    const { document, repairs, text } = await readSource(await write('dirty.yaml', `${head}tags: [\n  { name: a }\n]\npaths: {}\n`), folder);
    expect(repairs.map(({ what }) => what).join()).toMatch(/indented too little/);
    expect(text).toBeUndefined();
    expect(document.tags).toHaveLength(1);
  });

  test('in JSON is read', async () => {
    const { document } = await readSource(await write('a.json', '{"openapi":"3.1.0","info":{"title":"A","version":"1"},"paths":{}}'), folder);
    expect(document.openapi).toBe('3.1.0');
  });

  test('at a URL is fetched, once, when the URL is given', async () => {
    asked.length = 0;
    const { document } = await readSource(`${base}/api.yaml`, folder);
    expect(document.openapi).toBe('3.0.3');
    expect(asked).toEqual(['/api.yaml']);
  });

  test('that is another kind of document is refused, such as the error that a server answers', async () => {
    await expect(readSource(await write('error.json', '{ "message": "Not found" }'), folder)).rejects.toThrow(/is not an OpenAPI document/);
    await expect(readSource(await write('swagger.yaml', "swagger: '2.0'\npaths: {}\n"), folder)).rejects.toThrow(/is Swagger 2.0/);
  });

  test('that is not there is told without a stack', async () => {
    await expect(readSource(`${base}/gone.yaml`, folder)).rejects.toThrow(/gone\.yaml answers 404/);
    await expect(readSource('nowhere.yaml', folder)).rejects.toThrow(/nowhere\.yaml: there is no such file/);
    await expect(readSource('http://127.0.0.1:1/a.yaml', folder)).rejects.toThrow(/could not be fetched/);
  });
});

describe('a $ref', () => {
  test('to the network is never followed', async () => {
    asked.length = 0;
    const path = await write('network/root.yaml', `${head}paths: { /a: { $ref: '${base}/part.yaml' } }\n`);
    await expect(readSource(path, folder)).rejects.toThrow(/references to the network are never fetched/);
    expect(asked).toEqual([]);
  });

  test('of a fetched document is not followed to its server', async () => {
    asked.length = 0;
    await expect(readSource(`${base}/refers.yaml`, folder)).rejects.toThrow(/part\.yaml/);
    expect(asked).toEqual(['/refers.yaml']);
  });

  test('out of the folder is refused, by a link of the file system, too', async () => {
    await write('secret.yaml', 'get: { operationId: x }\n');
    await expect(readSource(await write('inner/root.yaml', `${head}paths: { /a: { $ref: '../secret.yaml' } }\n`), folder)).rejects.toThrow(
      /outside the document's folder/,
    );
    await symlink(join(folder, 'secret.yaml'), join(folder, 'inner/link.yaml'));
    await expect(readSource(await write('inner/linked.yaml', `${head}paths: { /a: { $ref: './link.yaml' } }\n`), folder)).rejects.toThrow(
      /outside the document's folder/,
    );
  });

  test('with a % that is no escape is told', async () => {
    const path = await write('percent.yaml', `${head}paths: { /a: { $ref: './a%zz.yaml' } }\n`);
    await expect(readSource(path, folder)).rejects.toThrow(/has a % that is no escape/);
  });

  test('to a file that is missing is told', async () => {
    await expect(readSource(await write('missing/root.yaml', `${head}paths: { /a: { $ref: './none.yaml' } }\n`), folder)).rejects.toThrow(
      /none\.yaml: there is no such file/,
    );
  });
});
