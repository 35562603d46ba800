import type { FakeCall } from '../core/calls.ts';
import type { PendingFault } from '../core/faults.ts';

/** What matchers look at: one fake, or what `createFakes()` returns. */
export interface Observed {
  readonly calls: readonly FakeCall[];
  readonly problems: readonly string[];
  readonly faults?: { pending(): readonly PendingFault[] };
}

/** What a matcher found. */
export interface Verdict {
  readonly pass: boolean;
  /** Why it passed or not: what was expected, what came, and the nearest call. */
  readonly message: string;
}

/** The matchers, as a test runner shows them. Each speaks of outcomes, not of the order of calls. */
export interface FakeMatchers<R = void> {
  /** The operation was called; with `times`, exactly so often. */
  toHaveCalled(operation: string, times?: number): R;
  /**
   * Every byte of the file reached the client, in one piece or in several of the same version, none of them spoiled.
   *
   * @param id - Id of an asset or task, `altId` of an attachment, `PROJECT:7` or `PROJECT_GROUP:7`.
   */
  toHaveDownloaded(id: string | number): R;
  /**
   * A file was uploaded and accepted.
   *
   * @param nameOrId - Its name, or the id that the vendor gave it.
   */
  toHaveUploaded(nameOrId: string, options?: { readonly bytes?: number }): R;
  /**
   * A download that had broken off was continued by `Range`.
   *
   * @param from - The first byte that was asked for.
   */
  toHaveResumed(id: string | number, options?: { readonly from?: number }): R;
  /** The client logged in (a refresh of a token counts); with `times`, exactly so often. */
  toHaveLoggedIn(times?: number): R;
  /** No credential reached a host that is not the vendor's API or login. */
  toHaveLeakedNoCredentials(): R;
  /** Every planned fault hit all its calls. */
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
  readonly toHaveDownloaded: (observed: Observed, id: string | number) => Verdict;
  readonly toHaveUploaded: (observed: Observed, nameOrId: string, options?: { readonly bytes?: number }) => Verdict;
  readonly toHaveResumed: (observed: Observed, id: string | number, options?: { readonly from?: number }) => Verdict;
  readonly toHaveLoggedIn: (observed: Observed, times?: number) => Verdict;
  readonly toHaveLeakedNoCredentials: (observed: Observed) => Verdict;
  readonly toHaveConsumedAllFaults: (observed: Observed) => Verdict;
  readonly toHaveObeyedTheSpecs: (observed: Observed) => Verdict;
} = {
  toHaveCalled(observed, operation, times) {
    const hits = observed.calls.filter((call) => call.operation === operation);
    const pass = times === undefined ? hits.length > 0 : hits.length === times;
    return verdict(
      pass,
      `${operation} called${times === undefined ? '' : ` ${count(times, 'time')}`}`,
      `it was called ${count(hits.length, 'time')}`,
      observed.calls,
    );
  },

  toHaveDownloaded(observed, id) {
    const all = observed.calls.filter((call) => about(call, id) && call.version !== undefined && CONTENT.has(call.operation ?? ''));
    let best = 'nothing of it was sent';
    let pass = false;
    for (const version of new Set(all.map((call) => call.version))) {
      const calls = all.filter((call) => call.version === version);
      const size = calls[0]!.wholeBytes!;
      // A spoiled answer gives no good bytes; one that broke off gives those before the break.
      const good = calls.filter((call) => call.complete || !isSpoiled(call));
      const covered = coverage(good.map((call) => [call.sentFrom, call.sentFrom + call.sentBytes]));
      if (covered >= size && (size > 0 || good.some((call) => call.complete))) pass = true;
      best = `${bytes(covered)} of ${bytes(size)} were sent unspoiled${calls.length === all.length ? '' : ' in one version of the file'}`;
    }
    return verdict(pass, `the content of ${id} downloaded`, pass ? 'it was' : best, nearest(observed.calls, id, CONTENT));
  },

  toHaveUploaded(observed, nameOrId, options = {}) {
    const tried = observed.calls.filter((call) => UPLOADS.has(call.operation ?? '') && call.subjects.includes(nameOrId));
    const done = tried.filter((call) => call.status !== undefined && call.status < 300);
    const fits = done.filter((call) => options.bytes === undefined || call.receivedBytes === options.bytes || call.operation === 'uploadAssets');
    const found =
      tried.length === 0
        ? 'nobody tried'
        : done.length === 0
          ? `every try was refused (${tried.map((call) => call.status).join(', ')})`
          : `${bytes(done.at(-1)!.receivedBytes)} came`;
    return verdict(
      fits.length > 0,
      `'${nameOrId}' uploaded${options.bytes === undefined ? '' : ` with ${bytes(options.bytes)}`}`,
      found,
      nearest(observed.calls, nameOrId, UPLOADS),
    );
  },

  toHaveResumed(observed, id, options = {}) {
    const calls = observed.calls.filter((call) => about(call, id) && CONTENT.has(call.operation ?? ''));
    const resumed = calls.filter(
      (call, i) => call.status === 206 && call.sentFrom > 0 && calls.slice(0, i).some((before) => !before.complete && before.version !== undefined),
    );
    const pass = resumed.some((call) => options.from === undefined || call.sentFrom === options.from);
    const found = resumed.length > 0 ? `it was resumed from byte ${resumed.map((call) => call.sentFrom).join(', ')}` : 'it was not';
    return verdict(
      pass,
      `the download of ${id} resumed${options.from === undefined ? '' : ` from byte ${options.from}`}`,
      found,
      nearest(observed.calls, id, CONTENT),
    );
  },

  toHaveLoggedIn(observed, times) {
    const hits = observed.calls.filter((call) => LOGINS.has(call.operation ?? '') && call.status === 200);
    const pass = times === undefined ? hits.length > 0 : hits.length === times;
    return verdict(pass, `a login${times === undefined ? '' : ` ${count(times, 'time')}`}`, `there were ${hits.length}`, observed.calls);
  },

  toHaveLeakedNoCredentials(observed) {
    const leaking = observed.calls.filter((call) => call.leaks.length > 0);
    const found = leaking.map((call) => `${line(call)} carried ${call.leaks.join(', ')}`);
    return verdict(leaking.length === 0, 'no credential at a host that must not see one', leaking.length === 0 ? 'none came' : `\n  ${found.join('\n  ')}`, []);
  },

  toHaveConsumedAllFaults(observed) {
    const pending = pendingOf(observed);
    const found = pending.map((one) => `${one.operation}: ${one.fault}, ${count(one.remaining, 'call')} to go`);
    return verdict(
      pending.length === 0,
      'every planned fault to have happened',
      pending.length === 0 ? 'they did' : `still waiting:\n  ${found.join('\n  ')}`,
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

function about(call: FakeCall, id: string | number): boolean {
  return call.subjects.includes(String(id));
}

/** Whether bytes of this answer were changed on the way. */
function isSpoiled(call: FakeCall): boolean {
  return call.fault !== undefined && /corruptBytes|truncatedJson|tooLongBody/.test(call.fault);
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
  const shown = calls.slice(-8).map((call) => `  ${line(call)}`);
  const list = shown.length === 0 ? '' : `\nnearest calls:\n${calls.length > 8 ? `  (${calls.length - 8} earlier)\n` : ''}${shown.join('\n')}`;
  return { pass, message: `expected ${expected}\nbut ${found}${calls.length === 0 && !pass && list === '' ? '' : list}` };
}

function line(call: FakeCall): string {
  const range = call.range === undefined ? '' : ` ${call.range}`;
  const about = call.subjects.length === 0 ? '' : ` (${call.subjects.join(', ')})`;
  const answer =
    call.status === undefined
      ? 'no answer'
      : `${call.status}, ${bytes(call.sentBytes)}${call.sentFrom > 0 ? ` from byte ${call.sentFrom}` : ''}${call.complete ? '' : ', incomplete'}`;
  return `#${call.index} ${call.operation ?? 'unknown'}${about} ${call.method} ${call.path}${range} -> ${answer}${call.fault === undefined ? '' : ` [${call.fault}]`}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function bytes(n: number): string {
  return `${n.toLocaleString('en-US')} byte${n === 1 ? '' : 's'}`;
}
