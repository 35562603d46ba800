/** What the errors of this package have besides, and what they advise. */

import { ApiError, sayNextStep } from '@asset-clients/runtime';

import type { AssetRef, CopyAllReport, CopyFailure, Supports, UploadSupport } from './contract.ts';
import { formatAssetRef } from './refs.ts';

/** An ApiError of `copy`, once its arguments were right: which side failed, and what is at the destination now. */
export interface CopyError extends ApiError {
  readonly copy: CopyFailure;
}

/** Tells an error of `copy` from others, also one of another installed copy of this package. */
export const CopyError: { is(error: unknown): error is CopyError } = {
  is: (error): error is CopyError => ApiError.is(error) && isRecord((error as { copy?: unknown }).copy),
};

/** An ApiError of `copyAll` after it had begun: how far the run came. */
export interface CopyAllError extends ApiError {
  readonly report: CopyAllReport;
}

/** Tells an error of a `copyAll` that had begun from others, also one of another installed copy of this package. */
export const CopyAllError: { is(error: unknown): error is CopyAllError } = {
  is: (error): error is CopyAllError => ApiError.is(error) && isRecord((error as { report?: unknown }).report),
};

/** An ApiError about the text of a reference. */
export interface AssetRefError extends ApiError {
  /** Where the text is wrong: characters (UTF-16), counted from 0. */
  readonly position: number;
}

/** Tells an error about the text of a reference from others, also one of another installed copy of this package. */
export const AssetRefError: { is(error: unknown): error is AssetRefError } = {
  is: (error): error is AssetRefError => ApiError.is(error) && typeof (error as { position?: unknown }).position === 'number',
};

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** A destination of which an upload was asked. */
export interface Destination {
  readonly vendor: string;
  readonly supports: Supports;
}

/**
 * What an upload that failed leaves at its destination.
 *
 * @param created - Whether the destination told an id, which it does before it takes content.
 * @param isCut - Whether it was the source that ended it: it never gave its last byte.
 */
export function leftBy({ outcome }: ApiError, { supports }: Destination, created: boolean, isCut: boolean): CopyFailure['leaves'] {
  const rules = supports.upload as UploadSupport;
  // Where a name is one file, a name that was not used leaves nothing.
  const empty = rules.sameName === 'adds' ? 'empty' : 'nothing';
  // Without an id no content was sent; a vendor may have created one all the same, of which nobody was told.
  if (rules.createsFirst && !created) return outcome === 'unknown' ? empty : 'nothing';
  if (outcome === 'unknown' && !isCut) return 'unknown';
  return created ? empty : 'nothing';
}

/** Kinds whose own advice is about the request alone, and wrong for what it was a part of, when nobody knows its end. */
const OF_THE_REQUEST = /^(?:network|timeout|server)$/;

/**
 * Makes the hint of an upload that failed say what to do now.
 *
 * @param to - What the destination named, where it did.
 */
export function adviseUpload(error: ApiError, { vendor, supports }: Destination, leaves: CopyFailure['leaves'], to: AssetRef | undefined): void {
  // It is there, and is not what was sent: the failure says so itself.
  if (leaves === 'unknown' && error.kind === 'integrity') return;
  const rules = supports.upload as UploadSupport;
  const it = to === undefined ? undefined : formatAssetRef(to);
  const isPassing = error.outcome === 'unknown' && OF_THE_REQUEST.test(error.kind);
  const next = (): string => {
    if (leaves === 'nothing') return `Nothing of it is at ${vendor}${error.retryable ? ': try again' : ''}.`;
    if (leaves === 'empty') {
      if (it === undefined) return `${vendor} may have made an id without content, which nobody was told; another attempt makes another one.`;
      return `${it} is there without content${supports.delete ? ': delete it if you do not need it' : ''}; another attempt makes another one.`;
    }
    if (rules.sameName === 'replaces') return `Whether ${vendor} has it now is not known: try again, which takes the place of what is there.`;
    if (rules.tellsState && it !== undefined) return `Whether ${it} has its content is not known: ask uploadState() before you try again.`;
    return `Whether ${vendor} has it is not known, and it cannot be asked: look there before you try again, or it may be there twice.`;
  };
  sayNextStep(error, next(), !isPassing);
}
