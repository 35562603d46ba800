import type { Exchange } from '../core/engine.ts';
import type { Answer } from '../core/wire.ts';
import type { WorldServerOperation } from './operations.ts';
import type { WorldServerState } from './state.ts';

export type WorldServerExchange = Exchange<WorldServerOperation, WorldServerState>;

const TYPES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
};

/** An error in the form that the switch `errorBody` says. */
export function wsError(x: WorldServerExchange, status: number, message: string): Answer {
  const form = x.state.assumptions.errorBody;
  if (form === 'text') return { status, unchecked: true, headers: { 'content-type': 'text/plain;charset=UTF-8' }, text: message };
  if (form === 'html') {
    return {
      status,
      unchecked: true,
      headers: { 'content-type': 'text/html;charset=utf-8' },
      text: `<!doctype html><html lang="en"><head><title>HTTP Status ${status}</title></head><body><h1>HTTP Status ${status}</h1><p>${message}</p></body></html>`,
    };
  }
  return { status, json: { errors: [{ code: status, type: TYPES[status] ?? 'ERROR', message }] } };
}
