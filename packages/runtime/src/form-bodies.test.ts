import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { json, startServer, type Arrived } from '../test/http-server.ts';
import { createClient } from './client.ts';
import { multipart, type FormEncoder } from './form-bodies.ts';
import type { AnyOperation, PartEncoding } from './operation.ts';

async function send(body: unknown, encoding?: Record<string, PartEncoding>): Promise<Arrived> {
  const server = await startServer((_request, response) => json(response, 1));
  const up: AnyOperation = {
    id: 'up',
    method: 'POST',
    path: '/',
    body: { content: { 'multipart/form-data': { encode: multipart, ...(encoding && { encoding }) } } },
    responses: {},
  };
  const client = createClient({ up }, { baseUrl: server.origin });
  await client.up({ body });
  await client.close();
  return server.arrived[0]!;
}

/** The parts of a body as they came, by a reader of its own. */
function parts({ headers, body }: Pick<Arrived, 'headers' | 'body'>): { head: string; content: Buffer }[] {
  const boundary = /boundary=(.+)$/.exec(headers['content-type']!)![1]!;
  const found = [];
  let text = body.toString('latin1');
  while (!text.startsWith(`--${boundary}--\r\n`)) {
    expect(text.startsWith(`--${boundary}\r\n`)).toBe(true);
    const headEnd = text.indexOf('\r\n\r\n');
    const end = text.indexOf(`\r\n--${boundary}`, headEnd);
    found.push({
      head: Buffer.from(text.slice(boundary.length + 4, headEnd), 'latin1').toString(),
      content: Buffer.from(text.slice(headEnd + 4, end), 'latin1'),
    });
    text = text.slice(end + 2);
  }
  expect(text).toBe(`--${boundary}--\r\n`);
  return found;
}

describe('multipart', () => {
  it('writes texts, numbers, dates, JSON, lists and files as parts, with an exact length', async () => {
    const arrived = await send({
      text: 'ü',
      number: 5,
      none: null,
      left: undefined,
      date: new Date(0),
      object: { a: 1 },
      list: ['x', 'y'],
      blob: new Blob(['B'], { type: 'image/png' }),
      file: new File(['F'], 'f.txt', { type: 'text/plain' }),
      bytes: new Uint8Array([0, 255]),
      named: { content: new Uint8Array([1]), name: 'n.bin', type: 'application/x-n' },
    });
    expect(arrived.headers['content-length']).toBe(String(arrived.body.length));
    expect(parts(arrived).map(({ head, content }) => [head, content.toString('latin1')])).toEqual([
      ['Content-Disposition: form-data; name="text"', Buffer.from('ü').toString('latin1')],
      ['Content-Disposition: form-data; name="number"', '5'],
      ['Content-Disposition: form-data; name="none"', ''],
      ['Content-Disposition: form-data; name="date"', '1970-01-01T00:00:00.000Z'],
      ['Content-Disposition: form-data; name="object"\r\nContent-Type: application/json', '{"a":1}'],
      ['Content-Disposition: form-data; name="list"', 'x'],
      ['Content-Disposition: form-data; name="list"', 'y'],
      ['Content-Disposition: form-data; name="blob"; filename="file"\r\nContent-Type: image/png', 'B'],
      ['Content-Disposition: form-data; name="file"; filename="f.txt"\r\nContent-Type: text/plain', 'F'],
      ['Content-Disposition: form-data; name="bytes"; filename="file"\r\nContent-Type: application/octet-stream', '\x00\xff'],
      ['Content-Disposition: form-data; name="named"; filename="n.bin"\r\nContent-Type: application/x-n', '\x01'],
    ]);
  });

  it('follows the encoding of the document, but sends no media range', async () => {
    const arrived = await send(
      { meta: { a: 1 }, image: new Uint8Array(1), own: new Blob(['x'], { type: 'image/gif' }), any: new Uint8Array(1), text: 'x' },
      {
        meta: { contentType: 'application/vnd.meta+json, text/plain' },
        image: { contentType: 'image/png, image/jpeg' },
        own: { contentType: 'image/png' },
        any: { contentType: 'image/*' },
        text: { contentType: 'text/csv' },
      },
    );
    expect(parts(arrived).map(({ head }) => /Content-Type: (.*)/.exec(head)![1])).toEqual([
      'application/vnd.meta+json',
      'image/png',
      'image/gif',
      'application/octet-stream',
      'text/csv',
    ]);
  });

  it('streams parts of unknown size in chunks', async () => {
    const arrived = await send({ file: { content: new Blob(['streamed']).stream(), name: 's.txt' } });
    expect(arrived.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect(parts(arrived)[0]!.content.toString()).toBe('streamed');
    const sized = await send({ file: { content: new Blob(['streamed']).stream(), name: 's.txt', size: 8 } });
    expect(sized.headers['content-length']).toBe(String(sized.body.length));
  });

  it('takes a FormData as it is', async () => {
    const data = new FormData();
    data.append('a', '1');
    data.append('a', '2');
    data.append('f', new File(['x'], 'x.txt'));
    expect(parts(await send(data)).map(({ head }) => head)).toEqual([
      'Content-Disposition: form-data; name="a"',
      'Content-Disposition: form-data; name="a"',
      'Content-Disposition: form-data; name="f"; filename="x.txt"\r\nContent-Type: application/octet-stream',
    ]);
  });

  it('refuses a size that is wrong before sending, and a body that is no object', async () => {
    const up: AnyOperation = {
      id: 'up',
      method: 'POST',
      path: '/',
      body: { content: { 'multipart/form-data': { encode: multipart as FormEncoder } } },
      responses: {},
    };
    const client = createClient({ up }, { baseUrl: 'https://a.example' });
    for (const body of [
      { file: { content: new Uint8Array(3), name: 'x', size: 4 } },
      'text',
      [1],
      new Uint8Array(1),
      { file: { content: new Uint8Array(3), name: 'x', size: 1.5 } },
    ]) {
      expect(await failure(client.up({ body }))).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
    }
  });

  it('is one Blob where everything is in memory or in Blobs, for browsers, and can be opened again', async () => {
    const { body, contentType } = multipart.encode({ a: 'ü', f: new Blob(['x']) });
    const once = Buffer.from(await body.blob!().arrayBuffer());
    const chunks = [];
    for await (const chunk of body.open()) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(once)).toBe(true);
    expect(body).toMatchObject({ repeatable: true, size: once.length });
    expect(await new Response(new Uint8Array(once), { headers: { 'content-type': contentType } }).formData().then((data) => data.get('a'))).toBe('ü');
    const stream = multipart.encode({ f: { content: new Blob(['x']).stream(), name: 'n' } }).body;
    expect(stream).toMatchObject({ repeatable: false, size: undefined });
    expect(stream.blob).toBeUndefined();
  });

  it('carries file names of all kinds without adding headers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a"b.txt', 'a\r\nX-Evil: 1\r\n\r\n.txt', '日本.txt', '../x', 'a\\b', '😀', '%22', "a;b='c'")),
        fc.string({ unit: 'binary' }),
        async (fileName, name) => {
          const { body, contentType } = multipart.encode({ [name]: { content: new Uint8Array([1]), name: fileName } });
          const chunks = [];
          for await (const chunk of body.open()) chunks.push(chunk);
          const [part, ...more] = parts({ headers: { 'content-type': contentType }, body: Buffer.concat(chunks) });
          expect(more).toEqual([]);
          expect(part!.content).toEqual(Buffer.from([1]));
          const escaped = (text: string): string => Buffer.from(text).toString().replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
          expect(part!.head).toBe(
            `Content-Disposition: form-data; name="${escaped(name)}"; filename="${escaped(fileName)}"\r\nContent-Type: application/octet-stream`,
          );
        },
      ),
    );
  });
});
