/** What is told on `node:diagnostics_channel`: one message per call, and one per transfer, without secrets. */

import type { RunningCall } from './call-context.ts';
import type { TransferReceipt } from './download.ts';
import type { ApiError, ErrorKind, ErrorOutcome } from './errors.ts';
import { publish } from './platform/files.ts';
import { redactUrl } from './redact.ts';

/** What went wrong, as a message tells it. */
export interface EventError {
  readonly kind: ErrorKind;
  readonly code: string | undefined;
  readonly outcome: ErrorOutcome;
}

/** A message of the channel `asset-clients:request`: a call has ended. */
export interface RequestEvent {
  readonly vendor: string;
  readonly operation: string;
  readonly method: string;
  /** Where the last request went, without query values. */
  readonly url: string;
  /** HTTP status of the last answer, if there was one. */
  readonly status: number | undefined;
  /** Requests sent. */
  readonly attempts: number;
  /** Milliseconds waited between attempts. */
  readonly waitedMs: number;
  /** Milliseconds from the call to its end; of a download: until its bytes can be read. */
  readonly durationMs: number;
  readonly error?: EventError;
}

/** A message of the channel `asset-clients:transfer`: the bytes of a file have come or gone, or will not any more. */
export interface TransferEvent {
  readonly vendor: string;
  readonly operation: string;
  readonly direction: 'download' | 'upload';
  /** `'cancelled'`: by its reader, before its end. */
  readonly result: 'done' | 'failed' | 'cancelled';
  /** Bytes received; of an upload, those of its source, where known. */
  readonly bytes: number | undefined;
  /** Requests sent. */
  readonly attempts: number;
  /** Milliseconds waited between attempts. */
  readonly waitedMs: number;
  /** Milliseconds from the call that opened the transfer to its end. */
  readonly durationMs: number;
  /** Without query values. */
  readonly url: string;
  /** Of a download that is done. */
  readonly receipt?: TransferReceipt;
  readonly error?: EventError;
}

/** Tells that a call has ended. */
export function publishRequest(call: RunningCall, status: number | undefined, error: ApiError | undefined): void {
  publish('asset-clients:request', (): RequestEvent => {
    const { attempts, waitedMs } = call;
    return { ...subjectOf(call), method: call.operation.method, url: urlOf(call), status, attempts, waitedMs, durationMs: durationOf(call), ...told(error) };
  });
}

/** What a transfer itself knows. */
export type TransferFacts = Pick<TransferEvent, 'direction' | 'result' | 'bytes' | 'receipt'>;

/** Tells that a transfer has ended. */
export function publishTransfer(call: RunningCall, facts: () => TransferFacts, error?: ApiError): void {
  publish('asset-clients:transfer', (): TransferEvent => {
    const { attempts, waitedMs } = call;
    return { ...subjectOf(call), ...facts(), attempts, waitedMs, durationMs: durationOf(call), url: urlOf(call), ...told(error) };
  });
}

function subjectOf({ context, operation }: RunningCall): Pick<RequestEvent, 'vendor' | 'operation'> {
  return { vendor: context.profile.vendor, operation: operation.id };
}

/** A path may hold a secret as well. */
function urlOf({ context, url }: RunningCall): string {
  return context.redactor.text(redactUrl(url));
}

function durationOf({ context, startedAt }: RunningCall): number {
  return context.clock.now() - startedAt;
}

function told(error: ApiError | undefined): { readonly error?: EventError } {
  return error === undefined ? {} : { error: { kind: error.kind, code: error.code, outcome: error.outcome } };
}
