/** How a broken download goes on, decision by decision: answers are scripted, so that each case is one difference. */

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { failure } from '../test/expect-error.ts';
import { SkippingClock } from '../test/manual-clock.ts';
import { createClient } from './client.ts';
import { connect } from './connection.ts';
import { binary, type Content } from './content.ts';
import { declaredLength } from './download.ts';
import type { AnyOperation } from './operation.ts';
import type { CallOptions } from './options.ts';
import { downloadSigned } from './signed-transfer.ts';

const FILE = '0123456789';
const TYPE = { 'content-type': 'image/png' };

/** One answer: its bytes, and how they end. */
interface Answer {
  readonly body: string | readonly string[];
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ending?: 'end' | 'break' | 'silence';
}

interface Way {
  readonly reader?: 'bytes' | 'stream';
  readonly call?: CallOptions;
  readonly method?: string;
  /** What the vendor announced: the download goes by a signed URL then. */
  readonly announced?: number;
}

/** Reads what these answers give; every request more than there are answers fails. */
function start(answers: readonly Answer[], { reader = 'bytes', call = {}, method = 'GET', announced }: Way = {}) {
  const asked: { range: string | null; match: string | null }[] = [];
  const fetch = async ({ headers }: Request): Promise<Response> => {
    const answer = answers[asked.length];
    asked.push({ range: headers.get('range'), match: headers.get('if-match') });
    if (answer === undefined) throw new TypeError('no more answers');
    return respond(answer);
  };
  const download: AnyOperation = { id: 'download', method, path: '/file', responses: { '200': ['*/*'] }, binary };
  const options = { baseUrl: 'https://api.example.com', fetch, clock: new SkippingClock() };
  const opening =
    announced === undefined
      ? (createClient({ download }, options).download({}, call) as Promise<Content>)
      : downloadSigned(connect(options, { vendor: 'v' }), {
          operation: 'download',
          params: {},
          options: call,
          sign: async () => ({ url: 'https://files.example.com/file', size: announced }),
        });
  const text = opening.then(async (content) => (reader === 'bytes' ? content.text() : new Response(content.stream()).text()));
  text.catch(() => undefined);
  return { asked, text, opening };
}

function respond({ body, status = 200, headers = {}, ending = 'end' }: Answer): Response {
  const chunks = [body].flat().map((chunk) => new TextEncoder().encode(chunk));
  const stream = new ReadableStream({
    async pull(controller) {
      const chunk = chunks.shift();
      if (chunk !== undefined) controller.enqueue(chunk);
      else if (ending === 'end') controller.close();
      else if (ending === 'break') controller.error(new Error('socket hang up'));
      else await new Promise(() => undefined);
    },
  });
  return new Response(stream, { status, headers: { ...TYPE, ...headers } });
}

const sized = { 'content-length': '10' };
const strong = { ...sized, etag: '"a"' };
const broken = (headers: Record<string, string> = strong, body: string | readonly string[] = '0123'): Answer => ({ body, headers, ending: 'break' });
const part = (headers: Record<string, string> = {}, body = '456789'): Answer => ({
  status: 206,
  body,
  headers: { etag: '"a"', 'content-range': 'bytes 4-9/10', ...headers },
});
const CHANGED = { kind: 'integrity', retryable: true, hint: 'Call again for the content as it is now.' };

describe('a download that is not continued tells', () => {
  const once = { call: { maxRetries: false } } as const;

  it('how many bytes came of how many, when it ended short', async () => {
    const error = await failure(start([{ body: '0123', headers: sized }], once).text);
    expect(error).toMatchObject({ kind: 'integrity', retryable: true, status: 200, outcome: 'unknown' });
    expect(error.message).toBe('api.download: only 4 of the declared 10 bytes arrived');
  });

  it('that it ended early, where the length is not known', async () => {
    const { text } = start([broken({ etag: '"a"' }), part({ 'content-range': 'bytes 4-9/*' }, '45')], { call: { maxRetries: 1 } });
    expect(await failure(text)).toMatchObject({ kind: 'integrity', retryable: true, message: 'api.download: the content ended early' });
  });

  it.each([
    [sized, 'the connection broke after 4 of 10 bytes'],
    [{}, 'the connection broke after 4 bytes'],
  ])('where the connection broke: %j', async (headers, message) => {
    const error = await failure(start([broken(headers)], once).text);
    expect(error).toMatchObject({ kind: 'network', retryable: true, hint: 'Call again; nothing was written.' });
    expect(error.message).toBe(`api.download: ${message}`);
  });

  it('where it went silent', async () => {
    const error = await failure(start([{ ...broken(), ending: 'silence' }], { call: { maxRetries: false, idleTimeoutMs: 1000 } }).text);
    expect(error).toMatchObject({ kind: 'timeout', retryable: true, hint: 'Call again, or raise idleTimeoutMs.' });
    expect(error.message).toBe('api.download: the body was silent for 1000 ms (idleTimeoutMs) after 4 bytes');
  });

  it('that there was too much', async () => {
    const error = await failure(start([{ body: ['01234', '5678901'], headers: sized }]).text);
    expect(error).toMatchObject({ kind: 'integrity', message: 'api.download: more than the declared 10 bytes arrived' });
  });

  it('that its listener failed', async () => {
    const mistake = new Error('mine');
    const onProgress = (): never => {
      throw mistake;
    };
    const error = await failure(start([{ body: FILE }], { call: { onProgress } }).text);
    expect(error).toMatchObject({ kind: 'invalid-request', message: 'api.download: onProgress failed', cause: { message: 'mine' } });
  });

  it('that its checksum is another, and may be tried again', async () => {
    const digest = createHash('sha256').update('other').digest('base64');
    const error = await failure(start([{ body: FILE, headers: { 'repr-digest': `sha-256=:${digest}:` } }]).text);
    expect(error).toMatchObject({ kind: 'integrity', retryable: true, message: expect.stringContaining('sha256 checksum') as string });
  });

  it('why the rest could not be had', async () => {
    const refused = await failure(start([broken(), { status: 404, body: 'gone' }]).text);
    expect(refused).toMatchObject({ kind: 'not-found', status: 404, retryable: false });
    expect(refused.message).toBe('api.download: the content broke after 4 of 10 bytes, and the rest could not be had: not-found (404)');
    const lost = await failure(start([broken()], { call: { maxRetries: 1 } }).text);
    expect(lost.message).toBe('api.download: the content broke after 4 of 10 bytes, and the rest could not be had: network');
  });

  it.each(['POST', 'PUT', 'QUERY'])('nothing else where its method is %s', async (method) => {
    const { text, asked } = start([broken(), part()], { method });
    expect(await failure(text)).toMatchObject({ kind: 'network' });
    expect(asked).toHaveLength(1);
  });

  it.each([201, 206])('nothing else where its first answer is %i', async (status) => {
    const { text, asked } = start([{ ...broken(), status }, part()]);
    expect(await failure(text)).toMatchObject({ kind: 'network' });
    expect(asked).toHaveLength(1);
  });
});

describe('the rest is asked for', () => {
  it.each<[string, Record<string, string>, string | readonly string[], { range: string | null; match: string | null }]>([
    ['by range and tag where the tag is strong', strong, '0123', { range: 'bytes=4-', match: '"a"' }],
    ['with an overlap and no tag where it is weak', { ...sized, etag: 'W/"a"' }, '0123', { range: null, match: null }],
    ['with an overlap of 64 KiB where there is none', { 'content-length': '200000' }, 'x'.repeat(70_000), { range: 'bytes=4464-', match: null }],
    ['with an overlap over several chunks', { 'content-length': '200000' }, ['x'.repeat(40_000), 'x'.repeat(40_000)], { range: 'bytes=14464-', match: null }],
    ['as a whole where nothing has come', strong, '', { range: null, match: null }],
    ['as a whole where the server has no ranges', { ...strong, 'accept-ranges': 'none' }, '0123', { range: null, match: null }],
  ])('%s', async (_name, headers, body, expected) => {
    const { text, asked } = start([broken(headers, body)], { call: { maxRetries: 1 } });
    await failure(text);
    expect(asked[1]).toEqual(expected);
  });

  it('again from where the second answer broke, and from where a shorter part ended', async () => {
    const { text, asked, opening } = start(
      [broken(), { ...part({}, '45'), ending: 'break' }, part({ 'content-range': 'bytes 6-7/10' }, '67'), part({ 'content-range': 'bytes 8-9/10' }, '89')],
      { call: { maxRetries: 3 } },
    );
    expect(await text).toBe(FILE);
    expect(asked.map(({ range }) => range)).toEqual([null, 'bytes=4-', 'bytes=6-', 'bytes=8-']);
    expect((await opening).receipt()).toMatchObject({ bytes: 10, resumes: 3, attempts: 4, verified: 'length' });
  });

  it('at a fresh address, which is counted', async () => {
    const { text, opening } = start([broken(), part()], { announced: 10 });
    expect(await text).toBe(FILE);
    expect((await opening).receipt()).toMatchObject({ resigns: 1, resumes: 1, attempts: 2 });
  });

  it('not at all after the last byte', async () => {
    const { text, asked } = start([broken(strong, FILE)]);
    expect(await text).toBe(FILE);
    expect(asked).toHaveLength(1);
  });
});

describe('a part', () => {
  it.each<[string, Record<string, string>]>([
    ['with the same tag', {}],
    ['whose total is not told', { 'content-range': 'bytes 4-9/*' }],
    ['without a type', { 'content-type': '' }],
    ['that calls itself identity', { 'content-encoding': 'identity' }],
    ['with an empty encoding', { 'content-encoding': '' }],
  ])('is joined %s', async (_name, headers) => {
    const { text, asked } = start([broken(), part(headers)]);
    expect(await text).toBe(FILE);
    expect(asked).toHaveLength(2);
  });

  it('tells the length that was not known', async () => {
    const { text, opening } = start([broken({ etag: '"a"' }), part()]);
    expect(await text).toBe(FILE);
    expect((await opening).receipt()).toMatchObject({ verified: 'length', bytes: 10 });
    const unknown = start([broken({ etag: '"a"' }), part({ 'content-range': 'bytes 4-9/*' })]);
    expect(await unknown.text).toBe(FILE);
    expect((await unknown.opening).receipt()).toMatchObject({ verified: 'none', bytes: 10 });
  });

  it.each<[string, Record<string, string>]>([
    ['that begins elsewhere', { 'content-range': 'bytes 5-9/10' }],
    ['without a range', { 'content-range': '' }],
    ['with words before its range', { 'content-range': 'x bytes 4-9/10' }],
    ['with words behind its range', { 'content-range': 'bytes 4-9/10 x' }],
    ['of another unit', { 'content-range': 'items 4-9/10' }],
    ['without its tag', { etag: '' }],
  ])('proves nothing %s: the whole is asked for', async (_name, headers) => {
    const { text, asked } = start([broken(), part(headers), { body: FILE, headers: strong }]);
    expect(await text).toBe(FILE);
    expect(asked.map(({ range }) => range)).toEqual([null, 'bytes=4-', null]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['tag', { etag: '"b"' }, 'its ETag is another'],
    ['total', { 'content-range': 'bytes 4-10/11' }, 'it has 11 bytes now'],
    ['type', { 'content-type': 'text/html' }, 'it is text/html now'],
  ])('of another %s is of another content', async (_name, headers, how) => {
    const error = await failure(start([broken(), part(headers)]).text);
    expect(error).toMatchObject({ ...CHANGED, message: `api.download: the content changed while it was read (${how})` });
  });

  it('that comes encoded is refused', async () => {
    const error = await failure(start([broken(), part({ 'content-encoding': 'gzip' })]).text);
    expect(error).toMatchObject({ kind: 'integrity', message: expect.stringContaining('gzip-encoded') as string });
  });

  it('that was not asked for is refused', async () => {
    const error = await failure(start([broken(strong, ''), part()]).text);
    expect(error).toMatchObject({ kind: 'integrity', message: 'api.download: the server gave a part where the whole was asked for' });
  });

  it('with more than it says is refused', async () => {
    const error = await failure(start([broken(), part({ 'content-range': 'bytes 4-7/10' }, '456789')]).text);
    expect(error).toMatchObject({ kind: 'integrity', message: 'api.download: more than the declared 8 bytes arrived' });
  });

  const LONG = Array.from({ length: 30_000 }, (_unused, index) => String(index)).join(' ');
  const head = LONG.slice(0, 80_000);
  const plain = { 'content-length': String(LONG.length) };
  const overlapping = (rest: string, headers: Record<string, string> = {}): Answer => ({
    status: 206,
    body: [rest.slice(0, 1000), rest.slice(1000)],
    headers: { 'content-range': `bytes ${80_000 - 65_536}-${LONG.length - 1}/${LONG.length}`, ...headers },
  });

  it('is joined behind an overlap that is the same, byte by byte', async () => {
    const { text, opening } = start([broken(plain, [head.slice(0, 50_000), head.slice(50_000)]), overlapping(LONG.slice(80_000 - 65_536))], {
      reader: 'stream',
    });
    expect(await text).toBe(LONG);
    expect((await opening).receipt()).toMatchObject({ resumes: 1, attempts: 2 });
  });

  it.each([0, 500, 40_000, 65_535])('is refused when the overlap differs at byte %i', async (at) => {
    const rest = LONG.slice(80_000 - 65_536);
    const spoiled = `${rest.slice(0, at)}#${rest.slice(at + 1)}`;
    const error = await failure(start([broken(plain, head), overlapping(spoiled)], { reader: 'stream' }).text);
    expect(error).toMatchObject({ ...CHANGED, message: 'api.download: the content changed while it was read (its beginning is another)' });
  });

  it('that ends inside of its overlap has ended short', async () => {
    const short = {
      ...overlapping(LONG.slice(80_000 - 65_536, 80_000 - 65_536 + 2000)),
      headers: { 'content-range': `bytes ${80_000 - 65_536}-${LONG.length - 1}/${LONG.length}` },
    };
    const error = await failure(start([broken(plain, head), short], { reader: 'stream', call: { maxRetries: 1 } }).text);
    expect(error.message).toBe(`api.download: only 80000 of the declared ${LONG.length} bytes arrived`);
  });

  it('of another date proves nothing where there is no tag: the whole is asked for', async () => {
    const dated = { ...plain, 'last-modified': 'Wed, 21 Oct 2026 07:28:00 GMT' };
    const later = overlapping(LONG.slice(80_000 - 65_536), { 'last-modified': 'Wed, 21 Oct 2026 07:28:01 GMT' });
    const { text, asked } = start([broken(dated, head), later, { body: LONG, headers: plain }]);
    expect(await text).toBe(LONG);
    expect(asked.map(({ range }) => range)).toEqual([null, `bytes=${80_000 - 65_536}-`, null]);
  });
});

describe('an answer that there is no rest', () => {
  const none = (range?: string, headers: Record<string, string> = {}): Answer => ({
    status: 416,
    body: '',
    headers: { ...(range !== undefined && { 'content-range': range }), ...headers },
  });

  it('ends a content of unknown length, when the total is what came', async () => {
    const { text, opening } = start([broken({ etag: '"a"' }), none('bytes */4')]);
    expect(await text).toBe('0123');
    expect((await opening).receipt()).toMatchObject({ bytes: 4, verified: 'length' });
  });

  it.each<[string, Record<string, string>, Answer, string]>([
    ['another total', { etag: '"a"' }, none('bytes */5'), 'it has 5 bytes now'],
    ['a total where another is known', strong, none('bytes */4'), 'it has 4 bytes now'],
    ['another tag', { etag: '"a"' }, none('bytes */4', { etag: '"b"' }), 'its ETag is another'],
    ['a precondition that fails', strong, { status: 412, body: '' }, 'its ETag is another'],
  ])('tells a change by %s', async (_name, headers, answer, how) => {
    const error = await failure(start([broken(headers), answer]).text);
    expect(error).toMatchObject({ ...CHANGED, message: `api.download: the content changed while it was read (${how})` });
  });

  it.each([undefined, '', 'x bytes */4', 'bytes */4 x', 'bytes 4-9/10', 'bytes */*'])(
    'proves nothing with the range %j: the whole is asked for',
    async (range) => {
      const { text, asked } = start([broken({ etag: '"a"' }), none(range), { body: FILE, headers: { etag: '"a"' } }]);
      expect(await text).toBe(FILE);
      expect(asked.map((one) => one.range)).toEqual([null, 'bytes=4-', null]);
    },
  );
});

describe('a whole that comes again', () => {
  const noRanges = { ...sized, 'accept-ranges': 'none' };

  it('is taken instead where the reader can start over, and counted from its beginning', async () => {
    const { text, opening } = start([broken(noRanges, 'WRONG'), { body: FILE, headers: sized }]);
    expect(await text).toBe(FILE);
    expect((await opening).receipt()).toMatchObject({ bytes: 10, resumes: 0, attempts: 2, sha256: createHash('sha256').update(FILE).digest('hex') });
  });

  it('is compared where the reader cannot, and goes on behind what came', async () => {
    const { text, opening } = start([broken(noRanges), { body: ['01', '234', '56789'], headers: sized }], { reader: 'stream' });
    expect(await text).toBe(FILE);
    expect((await opening).receipt()).toMatchObject({ bytes: 10, resumes: 1 });
    expect(await failure(start([broken(noRanges), { body: '01X3456789', headers: sized }], { reader: 'stream' }).text)).toMatchObject({
      ...CHANGED,
      message: 'api.download: the content changed while it was read (its beginning is another)',
    });
  });

  it('is compared without a hash, as long as all that came is still there', async () => {
    const call = { sha256: false } as const;
    expect(await start([broken(noRanges), { body: FILE, headers: sized }], { reader: 'stream', call }).text).toBe(FILE);
    expect(await failure(start([broken(noRanges), { body: '01X3456789', headers: sized }], { reader: 'stream', call }).text)).toMatchObject(CHANGED);
  });

  it('is believed by its strong tag where nothing else is left, and refused where there is none', async () => {
    const long = 'x'.repeat(100_000);
    const headers = { 'content-length': '100000', 'accept-ranges': 'none' };
    const way = { reader: 'stream', call: { sha256: false } } as const;
    const tagged = { ...headers, etag: '"a"' };
    expect((await start([broken(tagged, long.slice(0, 70_000)), { body: long, headers: tagged }], way).text).length).toBe(100_000);
    for (const [first, second] of [
      [headers, headers],
      [
        { ...headers, etag: 'W/"a"' },
        { ...headers, etag: 'W/"a"' },
      ],
      [tagged, headers],
    ] as const) {
      const error = await failure(start([broken(first, long.slice(0, 70_000)), { body: long, headers: second }], way).text);
      expect(error).toMatchObject({ kind: 'integrity', retryable: true, hint: 'Call again; toFile() and bytes() can start over by themselves.' });
      expect(error.message).toBe(
        'api.download: the content broke after 70000 of 100000 bytes, and the server gives it from the beginning only: whether that is the same cannot be proven',
      );
    }
  });

  it('of another length is of another content, also where only the vendor knows it', async () => {
    const longer = { body: `${FILE}!`, headers: { 'content-length': '11' } };
    const error = await failure(start([broken(noRanges), longer]).text);
    expect(error).toMatchObject({ ...CHANGED, message: 'api.download: the content changed while it was read (it has 11 bytes now)' });
    expect(await failure(start([{ body: FILE, headers: sized }], { announced: 11 }).text)).toMatchObject({
      kind: 'integrity',
      message: 'v.download: the answer has 10 bytes, but the vendor announced 11',
    });
  });

  it('may tell the length that was not known, and must keep it', async () => {
    const { text, opening } = start([broken({ 'accept-ranges': 'none' }), { body: FILE, headers: sized }]);
    expect(await text).toBe(FILE);
    expect((await opening).receipt()).toMatchObject({ verified: 'length' });
    const short = start([broken({ 'accept-ranges': 'none' }), { body: '01234', headers: sized }], { call: { maxRetries: 1 } });
    expect((await failure(short.text)).message).toBe('api.download: only 5 of the declared 10 bytes arrived');
  });

  it('is taken from the start where nothing had come, without being compared', async () => {
    const { text, opening } = start([broken(sized, ''), { body: FILE, headers: sized }], { reader: 'stream' });
    expect(await text).toBe(FILE);
    expect((await opening).receipt()).toMatchObject({ resumes: 0, attempts: 2 });
  });
});

describe('declaredLength', () => {
  it.each<[Record<string, string>, number | undefined]>([
    [{ 'content-length': '10' }, 10],
    [{ 'content-length': '0' }, 0],
    [{ 'content-length': '10', 'content-encoding': 'identity' }, 10],
    [{ 'content-length': '10', 'content-encoding': 'IDENTITY' }, 10],
    [{ 'content-length': '10', 'content-encoding': '' }, 10],
    [{ 'content-length': '10', 'content-encoding': 'gzip' }, undefined],
    [{ 'content-length': '10', 'content-encoding': 'gzip, identity' }, undefined],
    [{ 'content-length': '10x' }, undefined],
    [{ 'content-length': 'x10' }, undefined],
    [{ 'content-length': '-1' }, undefined],
    [{ 'content-length': '1.5' }, undefined],
    [{ 'content-length': '' }, undefined],
    [{ 'content-length': '9007199254740993' }, undefined],
    [{}, undefined],
  ])('of %j is %s', (headers, length) => {
    expect(declaredLength({ headers: new Headers(headers) })).toBe(length);
  });
});
