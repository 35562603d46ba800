import { countBytes } from './calls.ts';
import type { Source } from './content.ts';
import type { Wire } from './faults.ts';

/** What a vendor's logic answers, before a fault may spoil it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON body; checked against the spec. */
  readonly json?: unknown;
  /** A text body; its media type is in `headers`. */
  readonly text?: string;
  /** The body is of a form that a switch asks for and the spec does not list. */
  readonly unchecked?: true;
  /** Bytes of a source, from `start` up to `end`. */
  readonly content?: { readonly source: Source; readonly start: number; readonly end: number };
}

/** How the connection ends when not by the end of the body. */
export class WireBreak extends Error {
  readonly how: 'reset' | 'stall' | 'end';

  constructor(how: 'reset' | 'stall' | 'end') {
    super(how);
    this.how = how;
  }
}

/** The body of an answer: its length as the vendor meant it, and its chunks with all faults applied. */
export interface WireBody {
  readonly length: number;
  /** What Content-Length says; `undefined` for a chunked body. */
  readonly declared: number | undefined;
  /** Throws a {@link WireBreak} where the connection breaks. */
  chunks(): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

const EXTRA_CHUNK = 65_536;
const encoder: TextEncoder = new TextEncoder();

/** Puts the body of an answer together. `sleep` waits on the fake's clock. */
export function wireBody(answer: Answer, wire: Wire, sleep: (ms: number) => Promise<void>): WireBody {
  let text = answer.json !== undefined ? JSON.stringify(answer.json) : answer.text;
  if (text !== undefined && wire.truncateJson === true) text = text.slice(0, Math.floor(text.length / 2));
  const bytes = text === undefined ? undefined : encoder.encode(text);
  const offset = answer.content?.start ?? 0;
  const length = bytes?.byteLength ?? (answer.content === undefined ? 0 : answer.content.end - answer.content.start);
  const declared = wire.contentLength === false ? undefined : (wire.contentLength ?? length);

  async function* original(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (bytes !== undefined) yield bytes;
    else if (answer.content !== undefined) yield* answer.content.source.chunks(answer.content.start, answer.content.end);
    for (let left = wire.extraBytes ?? 0; left > 0; left -= EXTRA_CHUNK) yield new Uint8Array(Math.min(left, EXTRA_CHUNK)).fill(0x2b);
  }

  async function* chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let sent = 0;
    for await (let chunk of original()) {
      corrupt(chunk, offset + sent, wire.corrupt);
      if (wire.bytesPerSecond !== undefined) {
        // In steps of at most a second, so that a watchdog sees bytes and not silence.
        for (let at = 0; at < chunk.byteLength;) {
          const step = chunk.slice(at, at + wire.bytesPerSecond);
          // Counted first: once handed over, a chunk may be empty.
          at += step.byteLength;
          await sleep((step.byteLength / wire.bytesPerSecond) * 1000);
          yield* cut(step);
        }
      } else yield* cut(chunk);
    }
    if (wire.breakAfter !== undefined) throw new WireBreak(wire.breakAfter.how);

    function* cut(chunk: Uint8Array<ArrayBuffer>): Generator<Uint8Array<ArrayBuffer>> {
      const left = wire.breakAfter === undefined ? Infinity : wire.breakAfter.bytes - sent;
      sent += chunk.byteLength;
      if (chunk.byteLength < left) return yield chunk;
      if (left > 0) yield left === chunk.byteLength ? chunk : chunk.slice(0, left);
      throw new WireBreak(wire.breakAfter!.how);
    }
  }

  return { length, declared, chunks };
}

function corrupt(chunk: Uint8Array, position: number, fault: Wire['corrupt']): void {
  if (fault === undefined) return;
  const from = Math.max(0, fault.at - position);
  const to = Math.min(chunk.byteLength, fault.at + fault.count - position);
  for (let i = from; i < to; i++) chunk[i]! ^= 0xff;
}

/** What of a fault can act on an answer, and why the rest cannot. */
export interface Effect {
  readonly wire: Wire;
  readonly idle: readonly string[];
}

/** Tells the parts of a fault that would spoil nothing of this answer from those that do. */
export function effectOn(wire: Wire, answer: Answer, method: string): Effect {
  if (isPlain(wire)) return { wire, idle: [] };
  const idle: string[] = [];
  const left: { -readonly [Key in keyof Wire]: Wire[Key] } = { ...wire };
  const bodyless = hasNoBody(answer.status, method);
  const length = bodyless ? 0 : wireBody(answer, {}, () => Promise.resolve()).length;
  const size = bodyless ? `an answer ${answer.status} to ${method} has no body` : `the body has ${countBytes(length)}`;
  if (wire.truncateJson === true && (bodyless || answer.content !== undefined || length === 0)) {
    idle.push(bodyless || length === 0 ? size : 'the body is a file, not JSON');
    delete left.truncateJson;
  }
  if (wire.corrupt !== undefined) {
    const start = answer.content?.start ?? 0;
    const end = start + Math.min(length, wire.breakAfter?.bytes ?? Infinity);
    if (wire.corrupt.at >= end || wire.corrupt.at + wire.corrupt.count <= start) {
      idle.push(length === 0 ? size : `the answer has the bytes from ${start} up to ${end} only`);
      delete left.corrupt;
    }
  }
  const whole = length + (bodyless ? 0 : (wire.extraBytes ?? 0));
  if (wire.breakAfter !== undefined && wire.breakAfter.bytes >= whole) {
    idle.push(bodyless ? size : `the body has no more than ${countBytes(length)}`);
    delete left.breakAfter;
    // Only a short body was to come without a length.
    if (wire.contentLength === false && wire.extraBytes === undefined) delete left.contentLength;
  }
  if (typeof wire.contentLength === 'number' && (bodyless || wire.contentLength === length)) {
    idle.push(bodyless ? size : `${countBytes(length)} is the right length`);
    delete left.contentLength;
  }
  if (wire.extraBytes !== undefined && bodyless) {
    idle.push(size);
    delete left.extraBytes;
    delete left.contentLength;
  }
  if (wire.bytesPerSecond !== undefined && length === 0) {
    idle.push(size);
    delete left.bytesPerSecond;
  }
  return { wire: left, idle };
}

/** Whether a fault leaves the body as it is. */
export function isPlain(wire: Wire): boolean {
  return (
    wire.breakAfter === undefined &&
    wire.contentLength === undefined &&
    wire.bytesPerSecond === undefined &&
    wire.extraBytes === undefined &&
    wire.corrupt === undefined &&
    wire.truncateJson === undefined
  );
}

/** Whether the bytes that arrive are those that the vendor meant, if all of them do. */
export function isWhole(wire: Wire): boolean {
  return wire.corrupt === undefined && wire.truncateJson === undefined;
}

/** Statuses whose answers have no body. */
export function hasNoBody(status: number, method: string): boolean {
  return method === 'HEAD' || status === 204 || status === 205 || status === 304;
}

/** Length as the vendor means it of a body that no fault touches. */
export function plainText(answer: Answer): string | undefined {
  return answer.json !== undefined ? JSON.stringify(answer.json) : answer.text;
}
