import { callLine, countBytes, type FakeCall } from '../core/calls.ts';
import type { PendingFault } from '../core/faults.ts';
import type { TenovosRenditionName } from '../tenovos/seed.ts';
import { checkGiven, distance, shown, suggestion, type Rules } from '../core/given.ts';

/** What matchers look at: one fake, or what `createFakes()` returns. */
export interface Observed {
  readonly calls: readonly FakeCall[];
  readonly problems: readonly string[];
  /** What `calls` can name; absent: anything. */
  readonly operations?: readonly string[];
  readonly faults?: { pending(): readonly PendingFault[] };
}

/** What a matcher found. */
export interface Verdict {
  readonly pass: boolean;
  /** Why it passed or not: what was expected, what came, and the nearest call. */
  readonly message: string;
}

/**
 * Which of the files of an asset or task: Tenovos `'original'` or the name of a rendition, WorldServer `'SOURCE'`, `'TARGET'` or
 * `'SOURCE_TARGET'`.
 */
export type Part = 'original' | TenovosRenditionName | 'SOURCE' | 'TARGET' | 'SOURCE_TARGET' | (string & {});

/** Options of `toHaveDownloaded`. */
export interface DownloadedOptions {
  /** By default the original of a Tenovos asset, and either file of a WorldServer task. */
  readonly part?: Part;
}

/** Options of `toHaveResumed`. */
export interface ResumedOptions extends DownloadedOptions {
  /** The first byte that was asked for. */
  readonly from?: number;
}

/** Options of `toHaveUploaded`. */
export interface UploadedOptions {
  /** Number of bytes of the file, without the form around it. */
  readonly bytes?: number;
  /** SHA-256 of the file as hex. */
  readonly sha256?: string;
}

/** The matchers, as a test runner shows them. Each speaks of outcomes, not of the order of calls. */
export interface FakeMatchers<R = void> {
  /** The operation was called; with `times`, exactly so often. */
  toHaveCalled(operation: string, times?: number): R;
  /**
   * Every byte of the file was handed to the client, in one piece or in several of the same version, none of them spoiled.
   *
   * In process that is what your code read. Over sockets it is what the operating system took: bytes that wait there for code that never
   * reads them count, unless the client closes the connection on them ({@link FakeCall.givenUp}).
   *
   * A rendition is no download of the asset, unless `part` names it.
   *
   * @param id - Id of an asset or task, `altId` of an attachment, `PROJECT:7` or `PROJECT_GROUP:7`.
   */
  toHaveDownloaded(id: string | number, options?: DownloadedOptions): R;
  /**
   * A file was uploaded and accepted.
   *
   * @param nameOrId - Its name, or the id that the vendor gave it.
   */
  toHaveUploaded(nameOrId: string, options?: UploadedOptions): R;
  /**
   * A download that had broken off was continued by `Range`.
   *
   * @param id - As of {@link toHaveDownloaded}.
   */
  toHaveResumed(id: string | number, options?: ResumedOptions): R;
  /** The client logged in (a refresh of a token counts); with `times`, exactly so often. */
  toHaveLoggedIn(times?: number): R;
  /** No credential reached a host that is not the vendor's API or login: in no header, URL or body. */
  toHaveLeakedNoCredentials(): R;
  /** Every planned fault hit all its calls and had an effect on them. */
  toHaveConsumedAllFaults(): R;
  /** No request and no answer contradicted the specs, and no fault was without effect. */
  toHaveObeyedTheSpecs(): R;
}

/** Operations that answer the content of a file. */
const CONTENT: ReadonlySet<string> = new Set(['content', 'rendition', 'getAsset', 'getAssets', 'getUploadedFile', 'redirected']);
const UPLOADS: ReadonlySet<string> = new Set(['upload', 'uploadAssets']);
const LOGINS: ReadonlySet<string> = new Set(['createToken', 'token', 'login']);

/** The matchers without a test runner: each takes a fake and says what it found. */
export const checks: {
  readonly toHaveCalled: (observed: Observed, operation: string, times?: number) => Verdict;
  readonly toHaveDownloaded: (observed: Observed, id: string | number, options?: DownloadedOptions) => Verdict;
  readonly toHaveUploaded: (observed: Observed, nameOrId: string, options?: UploadedOptions) => Verdict;
  readonly toHaveResumed: (observed: Observed, id: string | number, options?: ResumedOptions) => Verdict;
  readonly toHaveLoggedIn: (observed: Observed, times?: number) => Verdict;
  readonly toHaveLeakedNoCredentials: (observed: Observed) => Verdict;
  readonly toHaveConsumedAllFaults: (observed: Observed) => Verdict;
  readonly toHaveObeyedTheSpecs: (observed: Observed) => Verdict;
} = {
  toHaveCalled(observed, operation, times) {
    const { operations } = observed;
    if (operations !== undefined && !operations.includes(operation)) {
      throw new TypeError(`toHaveCalled: no operation is called ${shown(operation)}.${suggestion(String(operation), operations)}`);
    }
    checkTimes('toHaveCalled', times);
    const hits = observed.calls.filter((call) => call.operation === operation);
    const pass = times === undefined ? hits.length > 0 : hits.length === times;
    return verdict(
      pass,
      `${operation} called${times === undefined ? '' : ` ${count(times, 'time')}`}`,
      `it was called ${count(hits.length, 'time')}`,
      observed.calls,
    );
  },

  toHaveDownloaded(observed, id, options = {}) {
    checkId('toHaveDownloaded', id);
    const wanted = partOf('toHaveDownloaded', options, { part: 'text' });
    const all = contentCalls(observed.calls, id, wanted).filter((call) => call.version !== undefined && call.method !== 'HEAD');
    let best: { readonly covered: number; readonly size: number; readonly call: FakeCall; readonly mixed: boolean } | undefined;
    let whole: FakeCall | undefined;
    // One version of one part: bytes of others are no part of it.
    for (const kind of new Set(all.map(kindOf))) {
      const calls = all.filter((call) => kindOf(call) === kind);
      const size = calls[0]!.wholeBytes!;
      // A spoiled answer gives no good bytes; one that broke off gives those before the break.
      const good = calls.filter((call) => call.complete || !isSpoiled(call));
      const covered = coverage(good.map((call) => [call.sentFrom, takenUpTo(call, calls)]));
      if (covered >= size && (size > 0 || good.some((call) => call.complete))) whole = calls[0]!;
      if (best === undefined || covered > best.covered) best = { covered, size, call: calls[0]!, mixed: calls.length < all.length };
    }
    const others = observed.calls.filter((call) => about(call, id) && CONTENT.has(call.operation ?? '') && call.version !== undefined && !all.includes(call));
    const parts = [...new Set(others.map((call) => call.part).filter((part) => part !== undefined))];
    const found =
      whole !== undefined
        ? `it was${whole.part === undefined ? '' : ` (${whole.part})`}`
        : best !== undefined
          ? `${countBytes(best.covered)} of ${countBytes(best.size)} were ${best.call.givenUp ? 'surely taken' : 'sent unspoiled'}${best.mixed ? ' in one version of the file' : ''}`
          : parts.length === 0
            ? 'nothing of it was sent'
            : `only ${parts.join(', ')} was asked for`;
    return verdict(whole !== undefined, `the content of ${nameOf(id, options.part, others)} downloaded`, found, nearest(observed.calls, id, CONTENT));
  },

  toHaveUploaded(observed, nameOrId, options = {}) {
    checkId('toHaveUploaded', nameOrId);
    checkGiven('options of toHaveUploaded', options, { bytes: 'whole', sha256: 'text' });
    const sum = options.sha256?.toLowerCase();
    if (sum !== undefined && !/^[0-9a-f]{64}$/.test(sum))
      throw new TypeError(`sha256 of options of toHaveUploaded is 64 hex digits, not ${shown(options.sha256)}.`);
    const tried = observed.calls.filter((call) => UPLOADS.has(call.operation ?? '') && call.subjects.includes(nameOrId));
    // What was stored is stored, also when the answer that says so was lost.
    const done = tried.filter((call) => call.upload !== undefined && (call.status ?? call.lostStatus ?? Infinity) < 300);
    const fits = done.filter(({ upload }) => (options.bytes === undefined || upload!.bytes === options.bytes) && (sum === undefined || upload!.sha256 === sum));
    const shownUpload = ({ upload }: FakeCall): string =>
      `${countBytes(upload!.bytes)}${sum === undefined ? '' : ` of sha256 ${upload!.sha256 ?? 'unknown'}`} came`;
    const found =
      tried.length === 0
        ? 'nobody tried'
        : done.length === 0
          ? `every try ${tried.every((call) => call.status !== undefined) ? 'was refused' : 'was refused or broke off'} (${tried.map((call) => call.status ?? 'no answer').join(', ')})`
          : shownUpload(fits[0] ?? done.at(-1)!);
    return verdict(
      fits.length > 0,
      `'${nameOrId}' uploaded${options.bytes === undefined ? '' : ` with ${countBytes(options.bytes)}`}${sum === undefined ? '' : ` of sha256 ${sum}`}`,
      found,
      nearest(observed.calls, nameOrId, UPLOADS),
    );
  },

  toHaveResumed(observed, id, options = {}) {
    checkId('toHaveResumed', id);
    const wanted = partOf('toHaveResumed', options, { part: 'text', from: 'whole' });
    const calls = contentCalls(observed.calls, id, wanted);
    const resumed = calls.filter(
      (call, i) =>
        call.status === 206 &&
        call.sentFrom > 0 &&
        calls.slice(0, i).some((before) => !before.complete && before.version !== undefined && before.part === call.part),
    );
    const pass = resumed.some((call) => options.from === undefined || call.sentFrom === options.from);
    const found = resumed.length > 0 ? `it was resumed from byte ${resumed.map((call) => call.sentFrom).join(', ')}` : 'it was not';
    return verdict(
      pass,
      `the download of ${nameOf(id, options.part, calls)} resumed${options.from === undefined ? '' : ` from byte ${options.from}`}`,
      found,
      nearest(observed.calls, id, CONTENT),
    );
  },

  toHaveLoggedIn(observed, times) {
    checkTimes('toHaveLoggedIn', times);
    const hits = observed.calls.filter((call) => LOGINS.has(call.operation ?? '') && call.status === 200);
    const pass = times === undefined ? hits.length > 0 : hits.length === times;
    return verdict(pass, `a login${times === undefined ? '' : ` ${count(times, 'time')}`}`, `there were ${hits.length}`, observed.calls);
  },

  toHaveLeakedNoCredentials(observed) {
    const leaking = observed.calls.filter((call) => call.leaks.length > 0);
    const found = leaking.map((call) => `${callLine(call)} carried ${call.leaks.join(', ')}`);
    return verdict(leaking.length === 0, 'no credential at a host that must not see one', leaking.length === 0 ? 'none came' : `\n  ${found.join('\n  ')}`, []);
  },

  toHaveConsumedAllFaults(observed) {
    const pending = pendingOf(observed);
    const found = pending.map((one) =>
      one.withoutEffect === undefined
        ? `${one.operation}: ${one.fault}, ${count(one.remaining, 'call')} to go`
        : `${one.operation}: ${one.fault} had no effect: ${one.withoutEffect}`,
    );
    return verdict(
      pending.length === 0,
      'every planned fault to have happened',
      pending.length === 0 ? 'they did' : `these did not:\n  ${found.join('\n  ')}`,
      pending.length === 0 ? [] : observed.calls,
    );
  },

  toHaveObeyedTheSpecs(observed) {
    const { problems } = observed;
    return verdict(problems.length === 0, 'nothing that contradicts the specs', problems.length === 0 ? 'nothing did' : `\n  ${problems.join('\n  ')}`, []);
  },
};

function pendingOf(observed: Observed): readonly PendingFault[] {
  if (observed.faults !== undefined) return observed.faults.pending();
  const { egain, tenovos, worldserver } = observed as { egain?: Observed; tenovos?: Observed; worldserver?: Observed };
  return [egain, tenovos, worldserver].flatMap((one) => one?.faults?.pending() ?? []);
}

/** Words of parts that are known without a seed. */
const PARTS: readonly string[] = ['original', 'imageThumb', 'imagePreview', 'imagePreviewLarge', 'mezzaninePreview', 'SOURCE', 'TARGET', 'SOURCE_TARGET'];

/** The part that is meant. A name that is almost a known one would make a negated matcher pass for ever. */
function partOf(matcher: string, options: DownloadedOptions, rules: Rules): string | undefined {
  checkGiven(`options of ${matcher}`, options, rules);
  const { part } = options;
  if (part === undefined || PARTS.includes(part)) return part;
  const meant = PARTS.find((one) => distance(one.toLowerCase(), part.toLowerCase()) <= 1);
  if (meant !== undefined) throw new TypeError(`part of options of ${matcher} is ${shown(part)}: '${meant}' is meant.`);
  return part;
}

/** Answers with the content of a part of a subject; by default renditions are none. */
function contentCalls(calls: readonly FakeCall[], id: string | number, part: string | undefined): readonly FakeCall[] {
  return calls.filter((call) => about(call, id) && CONTENT.has(call.operation ?? '') && (part === undefined ? !isRendition(call) : call.part === part));
}

function isRendition(call: FakeCall): boolean {
  return call.vendor === 'tenovos' && call.part !== 'original';
}

function kindOf(call: FakeCall): string {
  return `${call.vendor} ${call.part ?? ''} ${call.version}`;
}

/** `a1`, or `imageThumb of a1`; the default is named where there are others. */
function nameOf(id: string | number, part: string | undefined, others: readonly FakeCall[]): string {
  const shownPart = part ?? (others.some(isRendition) ? 'original' : undefined);
  return shownPart === undefined ? String(id) : `${shownPart} of ${id}`;
}

function checkId(matcher: string, id: unknown): void {
  if (!(typeof id === 'string' && id !== '') && typeof id !== 'number') throw new TypeError(`${matcher} takes an id, not ${shown(id)}.`);
}

function checkTimes(matcher: string, times: unknown): void {
  if (times !== undefined && !(Number.isSafeInteger(times) && (times as number) >= 0)) {
    throw new TypeError(`${matcher}: times is a whole number of 0 or more, not ${shown(times)}.`);
  }
}

function about(call: FakeCall, id: string | number): boolean {
  return call.subjects.includes(String(id));
}

/** Whether bytes of this answer were changed on the way. */
function isSpoiled(call: FakeCall): boolean {
  return call.fault !== undefined && /corruptBytes|truncatedJson|tooLongBody/.test(call.fault);
}

/** Up to where the client has the bytes. Of an answer that it gave up unread that is known only by where it went on. */
function takenUpTo(call: FakeCall, all: readonly FakeCall[]): number {
  const end = call.sentFrom + call.sentBytes;
  if (!call.givenUp) return end;
  const goesOn = all.filter((later) => later.index > call.index && later.sentFrom > call.sentFrom).map((later) => later.sentFrom);
  return Math.min(end, Math.max(call.sentFrom, ...goesOn));
}

/** Number of different bytes in ranges. */
function coverage(ranges: readonly (readonly [number, number])[]): number {
  let covered = 0;
  let end = 0;
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (to <= end) continue;
    covered += to - Math.max(from, end);
    end = to;
  }
  return covered;
}

/** The calls that come nearest to what was expected: those about it, else those of the kind, else all. */
function nearest(calls: readonly FakeCall[], id: string | number, kind: ReadonlySet<string>): readonly FakeCall[] {
  const same = calls.filter((call) => about(call, id));
  if (same.length > 0) return same;
  const alike = calls.filter((call) => kind.has(call.operation ?? ''));
  return alike.length > 0 ? alike : calls;
}

function verdict(pass: boolean, expected: string, found: string, calls: readonly FakeCall[]): Verdict {
  const shown = calls.slice(-8).map((call) => `  ${callLine(call)}`);
  const list = shown.length === 0 ? '' : `\nnearest calls:\n${calls.length > 8 ? `  (${calls.length - 8} earlier)\n` : ''}${shown.join('\n')}`;
  return { pass, message: `expected ${expected}\nbut ${found}${calls.length === 0 && !pass && list === '' ? '' : list}` };
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
