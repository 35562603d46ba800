/** The example of the README that turns what the clients tell into OpenTelemetry spans: executed, and shown as it is. */

import { channel } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';

import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { createEgainConversationClient } from '@asset-clients/egain';
import { createTenovosClient } from '@asset-clients/tenovos';
import { fault } from '@asset-clients/testing';
import { createFakeEgain } from '@asset-clients/testing/egain';
import { createFakeTenovos } from '@asset-clients/testing/tenovos';
import { createFakeWorldServer } from '@asset-clients/testing/worldserver';
import { createWorldServerClient } from '@asset-clients/worldserver';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { failureOf } from '../test/support/failures.ts';
import { traceAssetClients } from './spans.ts';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
let stop: () => void;

beforeAll(() => {
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => {
  trace.disable();
  context.disable();
});
beforeEach(() => {
  stop = traceAssetClients();
});
afterEach(() => {
  stop();
  exporter.reset();
});

/** Spans by name, without those of logins. */
function spans(name: string): ReadableSpan[] {
  return exporter.getFinishedSpans().filter((span) => span.name === name);
}

const milliseconds = ([seconds, nanos]: [number, number]): number => seconds * 1000 + nanos / 1e6;

test('a download that breaks and goes on is a span below the one of its caller, with bytes, resumes and no signature', async () => {
  await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.jpg', bytes: 300_000 }] });
  fake.faults.add('content', fault.resetAfter(200_000));
  const dam = createTenovosClient(fake.clientOptions);
  await trace.getTracer('test').startActiveSpan('nightly', async (span) => {
    const content = await dam.downloadAsset({ id: 'a' });
    await content.bytes();
    span.end();
  });
  const [parent] = spans('nightly');
  const [call] = spans('tenovos.downloadAsset');
  const [transfer] = spans('tenovos.downloadAsset download');
  for (const span of [call!, transfer!]) {
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.parentSpanContext?.spanId).toBe(parent!.spanContext().spanId);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(milliseconds(span.endTime)).toBeGreaterThanOrEqual(milliseconds(span.startTime));
  }
  expect(call!.attributes).toMatchObject({ 'http.request.method': 'GET', 'http.response.status_code': 200 });
  expect(call!.attributes).not.toHaveProperty('http.request.resend_count');
  expect(transfer!.attributes).toMatchObject({
    'asset_clients.result': 'done',
    'asset_clients.bytes': 300_000,
    'asset_clients.verified': 'length',
    'asset_clients.resumes': 1,
    'http.request.resend_count': 1,
  });
  expect(spans('tenovos.createToken')).toHaveLength(1);
  const told = JSON.stringify(exporter.getFinishedSpans().map(({ name, attributes, status }) => [name, attributes, status]));
  expect(told).toContain('X-Amz-Signature=[redacted]');
  expect(told).not.toContain((fake.clientOptions as { password: string }).password);
  expect(told).not.toContain((fake.clientOptions as { apiKey: string }).apiKey);
});

test('a call that fails is a span with the kind of its error; a wait for a retry is in it', async () => {
  await using fake = createFakeWorldServer();
  fake.faults.add('getTasks', fault.status(429, { retryAfter: 2 }));
  const tms = createWorldServerClient(fake.clientOptions);
  await failureOf(tms.getAsset({ resourceId: 1 }));
  await tms.getTasks({ projectId: 1 }).catch(() => undefined);
  const [failed] = spans('worldserver.getAsset');
  expect(failed!.status.code).toBe(SpanStatusCode.ERROR);
  expect(failed!.attributes['error.type']).toMatch(/^[a-z-]+$/);
  const [waited] = spans('worldserver.getTasks');
  expect(waited!.attributes).toMatchObject({ 'http.request.resend_count': 1, 'asset_clients.waited_ms': 2000 });
  expect(milliseconds(waited!.endTime) - milliseconds(waited!.startTime)).toBeGreaterThanOrEqual(2000);
});

test('an upload is a transfer as well, and one that its reader leaves is told as cancelled', async () => {
  await using fake = createFakeEgain({ assets: [{ id: 'a', name: 'a.jpg', bytes: 300_000 }] });
  const chat = createEgainConversationClient(fake.conversation.clientOptions);
  await chat.uploadAsset({ name: 'b.txt', content: new Blob(['hello']), channel: { type: 'sms' }, sender: { type: 'customer' } });
  expect(spans('egain.uploadContent upload')[0]?.attributes ?? spans('egain.uploadAsset upload')[0]?.attributes).toMatchObject({
    'asset_clients.result': 'done',
    'asset_clients.bytes': 5,
  });
  await (await chat.downloadAsset({ id: 'a' })).cancel();
  expect(spans('egain.downloadAsset download')[0]!.attributes).toMatchObject({ 'asset_clients.result': 'cancelled', 'asset_clients.bytes': 0 });
});

test('when it has ended, nobody listens any more, and no message is made', async () => {
  stop();
  for (const name of ['asset-clients:request', 'asset-clients:transfer']) expect(channel(name).hasSubscribers).toBe(false);
  await using fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.jpg', bytes: 10 }] });
  await (await createTenovosClient(fake.clientOptions).downloadAsset({ id: 'a' })).bytes();
  expect(exporter.getFinishedSpans()).toEqual([]);
});

test('the README shows this very example', () => {
  const example = readFileSync(new URL('spans.ts', import.meta.url), 'utf8');
  const readme = readFileSync(new URL('../../../packages/runtime/README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\`\n`);
});
