import { carries, REDACTED, type Secrets } from './secrets.ts';

/** What a host of a fake is: the API, the login server, the storage that signed URLs point to, or the target of `fault.redirect`. */
export type HostRole = 'api' | 'token' | 'storage' | 'elsewhere';

/** One request that a fake received and what became of it. Without secrets: safe to print and to snapshot. */
export interface FakeCall<Operation extends string = string> {
  /** 1 for the first request of this fake. */
  readonly index: number;
  /** Order among the requests of all fakes on one clock. */
  readonly sequence: number;
  readonly vendor: string;
  /** `undefined` for a request that no operation fits. */
  readonly operation: Operation | undefined;
  /** `'unknown'`: an address where no fake is, which was refused. */
  readonly host: HostRole | 'unknown';
  /** Such as `https://api.tenovos.test`. */
  readonly origin: string;
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  /** Query parameters; secret values are `[redacted]`. */
  readonly query: Readonly<Record<string, string>>;
  /** Names of the request's headers in lower case; values are not kept. */
  readonly headerNames: readonly string[];
  /** Names of the credential headers and query parameters of the vendor that the request carried. */
  readonly credentials: readonly string[];
  /** The JSON or form body of an API request; secret members are `[redacted]`. */
  readonly body: unknown;
  /** Value of the `Range` header. */
  readonly range: string | undefined;
  /** Value of the `If-Match` or `If-Range` header. */
  readonly condition: string | undefined;
  /** Ids of what the request is about: an asset's, an attachment's, a task's. */
  readonly subjects: readonly string[];
  /**
   * Which of the files of a subject: Tenovos `'original'` or the name of a rendition, WorldServer `'SOURCE'`, `'TARGET'` or
   * `'SOURCE_TARGET'`; `undefined` where there is only one.
   */
  readonly part: string | undefined;
  /** Of an upload: the file that came, without the form around it. `sha256` is hex. */
  readonly upload: UploadedBytes | undefined;
  /** HTTP status; `undefined` when none was sent. */
  readonly status: number | undefined;
  /** HTTP status of an answer that was lost on its way (`fault.lostAnswer`); below 300, what was asked for is done. */
  readonly lostStatus: number | undefined;
  /** The headers of the answer; secret values are `[redacted]`. */
  readonly answerHeaders: Readonly<Record<string, string>>;
  /** Bytes of the request body that arrived. */
  readonly receivedBytes: number;
  /** Bytes of the answer's body that were handed over: in process to the code that reads, over sockets to the operating system. */
  readonly sentBytes: number;
  /**
   * Over sockets: the client closed the connection with bytes unread. How many it had read is not known, nor whether a client that
   * keeps its connection open reads at all. Told when the operating system tells it, a moment after the client gave up.
   */
  readonly givenUp: boolean;
  /** Where in the whole content the answer's body starts (206), else 0. */
  readonly sentFrom: number;
  /** Of an answer with the content of a file: the size of the whole file. */
  readonly wholeBytes: number | undefined;
  /** Of an answer with the content of a file: another text whenever the bytes are others. */
  readonly version: string | undefined;
  /** Whether the client was given the answer to its end, as the vendor meant it: not cut off, not spoiled. */
  readonly complete: boolean;
  /** The fault that hit this call, such as `resetAfter(1000)`. */
  readonly fault: string | undefined;
  /** What reached a host that must not see it: credential headers, or a known secret in the URL, a header or the body. */
  readonly leaks: readonly string[];
  /** Where request or answer contradict the spec. */
  readonly problems: readonly string[];
  /** By the fake's clock, milliseconds since the epoch. */
  readonly at: number;
  /** How it came: by the fake's own `fetch`, over a socket, or through MSW. */
  readonly shape: Shape;
}

/** The file of an upload, as it came. */
export interface UploadedBytes {
  readonly bytes: number;
  /** As hex; `undefined` where the platform has no incremental hash. */
  readonly sha256: string | undefined;
}

/** The ways into a fake. */
export type Shape = 'in-process' | 'socket' | 'msw';

/** A {@link FakeCall} while it happens. */
export type CallRecord<Operation extends string> = { -readonly [Key in keyof FakeCall<Operation>]: FakeCall<Operation>[Key] };

const SECRET_NAME =
  /pass(?:word|wd)|secret|token|authorization|signature|credential|api[-_]?key|session[-_]?id|cookie|assertion|presigned|content[-_]?url|^code(?:_verifier)?$/i;

/** A text without the secrets that the fakes know. */
export type Show = (text: string) => string;

/** A JSON value without secrets: neither under the names of some, nor known ones under any name. */
export function redact(value: unknown, show: Show): unknown {
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, show));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        show(key),
        SECRET_NAME.test(key) && typeof member !== 'object' && member !== undefined && member !== '' ? REDACTED : redact(member, show),
      ]),
    );
  }
  return typeof value === 'string' ? show(value) : value;
}

/** Query parameters without secret values; of a parameter that is there several times, the values joined by a comma. */
export function redactQuery(query: URLSearchParams, show: Show): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of query) {
    const key = show(name);
    const shown = SECRET_NAME.test(name) ? REDACTED : show(value);
    result[key] = Object.hasOwn(result, key) ? `${result[key]},${shown}` : shown;
  }
  return result;
}

/** The headers of an answer without secret values. */
export function redactHeaders(headers: Headers, show: Show): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of headers) {
    result[name] = name === 'location' ? show(value.replace(/\?.*/, `?${REDACTED}`)) : SECRET_NAME.test(name) ? REDACTED : show(value);
  }
  return result;
}

/**
 * Where in a request's URL or headers a known secret stands.
 *
 * @param named - Headers that need no look, because they are named as credentials already.
 */
export function findSecrets(secrets: Secrets, owner: string, url: URL, headers: Headers, named: readonly string[]): string[] {
  const found: string[] = [];
  if (carries(secrets, url.href) || secrets.inPieces([...url.searchParams.values()])) found.push(`a secret${owner} in the URL`);
  const others = [...headers].filter(([name]) => !named.includes(name));
  for (const [name, value] of others) if (carries(secrets, value)) found.push(`a secret${owner} in the header ${name}`);
  if (found.length === 0 && secrets.inPieces(others.map(([, value]) => value))) found.push(`a secret${owner} in several headers`);
  return found;
}

/** A call in one line, for people. */
export function callLine(call: FakeCall): string {
  const range = call.range === undefined ? '' : ` ${call.range}`;
  const about = call.subjects.length === 0 ? '' : ` (${call.part === undefined ? '' : `${call.part} of `}${call.subjects.join(', ')})`;
  const end = call.givenUp ? ', given up by the client' : call.complete ? '' : ', incomplete';
  const answer =
    call.status === undefined
      ? `no answer${call.lostStatus === undefined ? '' : ` (${call.lostStatus} was lost)`}`
      : `${call.status}, ${countBytes(call.sentBytes)}${call.sentFrom > 0 ? ` from byte ${call.sentFrom}` : ''}${end}`;
  const path = call.host === 'unknown' ? `${call.origin}${call.path}` : call.path;
  return `#${call.index} ${call.operation ?? 'unknown'}${about} ${call.method} ${path}${range} -> ${answer}${call.fault === undefined ? '' : ` [${call.fault}]`}`;
}

export function countBytes(n: number): string {
  return `${n.toLocaleString('en-US')} byte${n === 1 ? '' : 's'}`;
}
