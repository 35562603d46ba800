import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { SpanKind, SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';
import type { RequestEvent, TransferEvent } from '@asset-clients/runtime';

/** Makes a span of every call and every transfer, below the span that is active where the call is made; gives what ends it. */
export function traceAssetClients(): () => void {
  const tracer = trace.getTracer('asset-clients');

  function record(name: string, event: RequestEvent | TransferEvent, attributes: Attributes): void {
    const { vendor, operation, url, attempts, waitedMs, durationMs, error } = event;
    const endTime = Date.now();
    const span = tracer.startSpan(`${vendor}.${operation}${name}`, { kind: SpanKind.CLIENT, startTime: endTime - durationMs });
    span.setAttributes({ 'url.full': url, 'asset_clients.waited_ms': waitedMs, ...attributes });
    if (attempts > 1) span.setAttribute('http.request.resend_count', attempts - 1);
    if (error !== undefined) {
      span.setAttribute('error.type', error.kind);
      span.setStatus({ code: SpanStatusCode.ERROR, ...(error.code !== undefined && { message: error.code }) });
    }
    span.end(endTime);
  }

  const onRequest = (message: unknown): void => {
    const event = message as RequestEvent;
    const { method, status } = event;
    record('', event, { 'http.request.method': method, ...(status !== undefined && { 'http.response.status_code': status }) });
  };
  const onTransfer = (message: unknown): void => {
    const event = message as TransferEvent;
    const { direction, result, bytes, receipt } = event;
    record(` ${direction}`, event, {
      'asset_clients.result': result,
      ...(bytes !== undefined && { 'asset_clients.bytes': bytes }),
      ...(receipt !== undefined && { 'asset_clients.verified': receipt.verified, 'asset_clients.resumes': receipt.resumes }),
    });
  };
  subscribe('asset-clients:request', onRequest);
  subscribe('asset-clients:transfer', onTransfer);
  return () => {
    unsubscribe('asset-clients:request', onRequest);
    unsubscribe('asset-clients:transfer', onTransfer);
  };
}
