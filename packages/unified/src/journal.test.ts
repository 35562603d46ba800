import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { ApiError } from '@asset-clients/runtime';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import type { JournalEntry, OpenJournal } from './contract.ts';
import { fileJournal, type FileJournalOptions } from './journal.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'journal-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

function entry(item: string, state: JournalEntry['state'] = 'started', more: Partial<JournalEntry> = {}): JournalEntry {
  return { item, state, at: '2026', options: '', ...more };
}

const to = { vendor: 'egain', segments: ['asset', 'größe/1'] };

/** Four items, in all states, with what JSON has to escape. */
const HISTORY: readonly JournalEntry[] = [
  entry('a'),
  entry('a', 'created', { to }),
  entry('b "quoted"\n'),
  entry('a', 'copied', { to, bytes: 5, sha256: 'ab' }),
  entry('b "quoted"\n', 'open', { leftBehind: [{ to, state: 'empty' }] }),
  entry('ü 𝄞 \ud800'),
  entry('files has "x"', 'name', { by: 'a' }),
  entry('c', 'created', { to }),
];

/** What is known after the first entries of the history. */
function stateAfter(count: number): Map<string, JournalEntry> {
  return new Map(HISTORY.slice(0, count).map((one) => [one.item, one]));
}

async function stateIn(journal: OpenJournal): Promise<Map<string, JournalEntry>> {
  const state = new Map<string, JournalEntry>();
  for (const { item } of HISTORY) {
    const known = await journal.get(item);
    if (known !== undefined) state.set(item, known);
  }
  return state;
}

async function withJournal<T>(path: string, work: (journal: OpenJournal) => Promise<T>, options?: FileJournalOptions): Promise<T> {
  const journal = await fileJournal(path, { sync: false, ...options }).open();
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

async function written(path: string): Promise<Buffer> {
  await withJournal(path, async (journal) => {
    for (const one of HISTORY) await journal.put(one);
  });
  return readFile(path);
}

async function refusal(path: string, options?: FileJournalOptions): Promise<ApiError> {
  const thrown: unknown = await fileJournal(path, options)
    .open()
    .then(
      (journal) => journal.close(),
      (error: unknown) => error,
    );
  if (!ApiError.is(thrown)) throw new Error('the journal was opened', { cause: thrown });
  return thrown;
}

describe('a journal', () => {
  it('keeps the latest entry of each item, and knows them when it is opened again', async () => {
    const path = join(await folder(), 'a.journal');
    await withJournal(path, async (journal) => {
      expect(journal).toMatchObject({ size: 0, lost: 0 });
      for (const [count, one] of HISTORY.entries()) {
        await journal.put(one);
        expect(await stateIn(journal)).toEqual(stateAfter(count + 1));
      }
    });
    await withJournal(path, async (journal) => {
      // A name is no item.
      expect(journal).toMatchObject({ size: 4, lost: 0 });
      expect(await stateIn(journal)).toEqual(stateAfter(HISTORY.length));
    });
  });

  it('is readable for its owner only, also when somebody opened it to all', async () => {
    const path = join(await folder(), 'a.journal');
    await written(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    await withJournal(path, async () => undefined);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('leaves nothing beside it when it is closed', async () => {
    const path = await folder();
    await written(join(path, 'a.journal'));
    expect(await readdir(path)).toEqual(['a.journal']);
  });

  it('is asked to the disk before an entry counts, once for all that come together', async () => {
    const path = join(await folder(), 'a.journal');
    const handle = await open(path, 'a');
    await handle.close();
    const sync = vi.spyOn(Object.getPrototypeOf(handle) as { datasync(): Promise<void> }, 'datasync');
    onTestFinished(() => sync.mockRestore());
    await withJournal(
      path,
      async (journal) => {
        sync.mockClear();
        await journal.put(entry('a'));
        expect(sync).toHaveBeenCalledTimes(1);
        await Promise.all(Array.from({ length: 100 }, (_, index) => journal.put(entry(`item ${index}`))));
        expect(sync.mock.calls.length).toBeLessThanOrEqual(3);
      },
      { sync: true },
    );
    sync.mockClear();
    await withJournal(path, (journal) => journal.put(entry('b')), { sync: false });
    expect(sync).not.toHaveBeenCalled();
  });

  it('cannot be written any more after a write failed, and is whole when it is opened again', async () => {
    const path = join(await folder(), 'a.journal');
    await withJournal(path, async (journal) => {
      await journal.put(entry('a'));
      const handle = await open(path, 'r');
      await handle.close();
      const prototype = Object.getPrototypeOf(handle) as { write(...args: unknown[]): Promise<{ bytesWritten: number }> };
      const { write } = prototype;
      const full = vi.spyOn(prototype, 'write').mockImplementationOnce(async function (this: unknown, bytes, offset, length, position) {
        await write.call(this, bytes, offset, Math.floor((length as number) / 2), position);
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      });
      onTestFinished(() => full.mockRestore());
      const puts = ['b', 'a long item '.repeat(9)].map((item) => journal.put(entry(item)));
      for (const put of await Promise.allSettled(puts))
        expect(put).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('cannot be written') as string } });
      await expect(journal.put(entry('d'))).rejects.toThrow('cannot be written');
      await expect(journal.get('b')).rejects.toThrow('cannot be written');
    });
    // What came before the break is there, although nobody was told so.
    await withJournal(path, async (journal) => {
      expect(journal.size).toBe(2);
      await journal.put(entry('e'));
    });
    await withJournal(path, async (journal) => expect(journal.size).toBe(3));
  });
});

describe('a journal that a crash tore', () => {
  it('at any byte keeps all whole entries, loses the torn one only, and goes on', async () => {
    const path = join(await folder(), 'a.journal');
    const whole = await written(path);
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([position]) => position + 1);
    for (let length = 0; length <= whole.length; length += 1) {
      await writeFile(path, whole.subarray(0, length));
      // The first line is the header; an entry counts also without its line end.
      const entries = Math.max(0, ends.filter((end) => end <= length + 1).length - 1);
      await withJournal(path, async (journal) => {
        expect(await stateIn(journal), `cut at ${length}`).toEqual(stateAfter(length < ends[0]! ? 0 : entries));
        await journal.put(entry('next'));
      });
      if (length % 4 !== 0) continue;
      await withJournal(path, async (journal) => {
        expect(await journal.get('next')).toEqual(entry('next'));
        expect(journal.lost).toBe(0);
      });
    }
  }, 120_000);

  it('and whose end the file system filled with zeros goes on', async () => {
    const path = join(await folder(), 'a.journal');
    const whole = await written(path);
    await writeFile(path, Buffer.concat([whole.subarray(0, whole.length - 20), Buffer.alloc(4096)]));
    await withJournal(path, async (journal) => expect(await stateIn(journal)).toEqual(stateAfter(HISTORY.length - 1)));
  });
});

describe('a journal that was damaged', () => {
  it('at any byte is refused and left as it is, or nothing of it is lost', async () => {
    const path = join(await folder(), 'a.journal');
    const whole = await written(path);
    const whatHappened = { refused: 0, whole: 0 };
    for (let position = 0; position < whole.length; position += 1) {
      for (const mask of position % 4 === 0 ? [0x80, whole[position]! ^ 10] : [0x01]) {
        if (mask === 0) continue;
        const damaged = Buffer.from(whole);
        damaged[position]! ^= mask;
        await writeFile(path, damaged);
        try {
          await withJournal(path, async (journal) => expect(await stateIn(journal), `byte ${position}, mask ${mask}`).toEqual(stateAfter(HISTORY.length)));
          whatHappened.whole += 1;
        } catch (error) {
          if (!ApiError.is(error)) throw error;
          expect(['integrity', 'invalid-request', 'unsupported']).toContain(error.kind);
          expect((await readFile(path)).equals(damaged)).toBe(true);
          whatHappened.refused += 1;
        }
      }
    }
    // Only the last line end can be restored.
    expect(whatHappened.whole).toBe(1);
    expect(whatHappened.refused).toBeGreaterThan(whole.length);
  }, 120_000);

  it('says where, and what to do', async () => {
    const path = join(await folder(), 'a.journal');
    const lines = (await written(path)).toString().split('\n');
    lines[3] = lines[3]!.replace('started', 'copied!');
    await writeFile(path, lines.join('\n'));
    const error = await refusal(path);
    expect(error).toMatchObject({ kind: 'integrity', outcome: 'not-sent' });
    expect(error.message).toContain('line 4');
    expect(error.hint).toContain('repair: true');
  });

  it.each<[string, (lines: string[]) => string[], number]>([
    ['a line is changed', (lines) => lines.with(3, `${lines[3]} `), 1],
    ['a line is gone', (lines) => lines.toSpliced(3, 1), 1],
    ['two lines are one', (lines) => lines.toSpliced(2, 2, lines[2]! + lines[3]!), 2],
    ['the last line is changed', (lines) => lines.with(lines.length - 2, lines.at(-2)!.replace('created', 'copied')), 1],
    ['a line is there twice', (lines) => lines.toSpliced(3, 0, lines[3]!), 0],
    ['an older line comes again at the end', (lines) => lines.toSpliced(lines.length - 1, 0, lines[1]!), 0],
    ['the first line is changed', (lines) => lines.with(0, lines[0]!.replace('20', '21')), 1],
  ])('%s: a repair goes on, and remembers how many entries are lost', async (_name, change, lost) => {
    const path = join(await folder(), 'a.journal');
    const lines = (await written(path)).toString().split('\n');
    await writeFile(path, change(lines).join('\n'));
    expect(await refusal(path)).toMatchObject({ kind: 'integrity' });
    await withJournal(path, (journal) => journal.put(entry('next')), { repair: true });
    await withJournal(path, async (journal) => {
      expect(journal.lost).toBe(lost);
      expect(await journal.get('next')).toEqual(entry('next'));
      expect(await journal.get('a')).toMatchObject({ state: 'copied' });
    });
  });
});

it('a repair marks what may be out of date: entries before the damage that tell of no end', async () => {
  const path = join(await folder(), 'a.journal');
  await withJournal(path, async (journal) => {
    for (const one of [entry('a', 'created', { to }), entry('b', 'copied'), entry('c', 'open'), entry('a', 'copied')]) await journal.put(one);
  });
  const lines = (await readFile(path, 'utf8')).split('\n');
  await writeFile(path, lines.with(4, lines[4]!.replace('copied', 'Copied')).join('\n'));
  await withJournal(path, (journal) => journal.put(entry('d', 'open')), { repair: true });
  await withJournal(path, async (journal) => {
    expect(journal.lost).toBe(1);
    expect(await journal.get('a')).toEqual(entry('a', 'created', { to, doubtful: true }));
    expect(await journal.get('b')).toEqual(entry('b', 'copied'));
    expect(await journal.get('c')).toEqual(entry('c', 'open', { doubtful: true }));
    expect(await journal.get('d')).toEqual(entry('d', 'open'));
  });
});

describe('what is no journal', () => {
  it.each([
    ['a text', 'Dear diary,\n'],
    ['a text without a line end', 'Dear diary'],
    ['an older text that begins alike', 'asset-clients joy\n'],
    ['JSON', '{"a":1}\n'],
  ])('%s is refused and left as it is', async (_name, text) => {
    const path = join(await folder(), 'a.txt');
    await writeFile(path, text);
    expect(await refusal(path, { repair: true })).toMatchObject({ kind: 'invalid-request', message: expect.stringContaining('is no journal') as string });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('a journal of a newer version is refused, naming the version', async () => {
    const path = join(await folder(), 'a.journal');
    await writeFile(path, 'asset-clients journal 2 whatever\n');
    expect(await refusal(path, { repair: true })).toMatchObject({ kind: 'unsupported', message: expect.stringContaining('version 2') as string });
  });

  it('a folder, and a place that is not there, are refused', async () => {
    const path = await folder();
    await mkdir(join(path, 'sub'));
    for (const wrong of [join(path, 'sub'), join(path, 'no', 'a.journal')]) expect(await refusal(wrong)).toMatchObject({ kind: 'invalid-request' });
    expect(await readdir(path)).toEqual(['sub']);
  });
});

describe('a journal that grew', () => {
  it('is written anew when it is opened, with the latest entries only', async () => {
    const path = join(await folder(), 'a.journal');
    await withJournal(path, async (journal) => {
      for (let round = 0; round < 30; round += 1)
        await Promise.all(Array.from({ length: 40 }, (_, item) => journal.put(entry(`item ${item}`, 'started', { bytes: round }))));
    });
    const before = (await stat(path)).size;
    await withJournal(path, async (journal) => {
      expect(journal).toMatchObject({ size: 40, lost: 0 });
      for (let item = 0; item < 40; item += 1) expect(await journal.get(`item ${item}`)).toMatchObject({ bytes: 29 });
      await journal.put(entry('item 1', 'copied'));
    });
    expect((await stat(path)).size).toBeLessThan(before / 20);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await withJournal(path, async (journal) => expect(await journal.get('item 1')).toEqual(entry('item 1', 'copied')));
  });

  it('leaves nothing when a crash came while it was written anew', async () => {
    const path = await folder();
    await written(join(path, 'a.journal'));
    await writeFile(join(path, `a.journal.new-${crypto.randomUUID()}`), 'half');
    await writeFile(join(path, 'a.journal.new-year'), 'of somebody else');
    await withJournal(join(path, 'a.journal'), async (journal) => expect(journal.size).toBe(4));
    expect(await readdir(path)).toEqual(['a.journal', 'a.journal.new-year']);
  });
});

describe('the lock of a journal', () => {
  it('lets no second owner in, whatever name the file is called by', async () => {
    const path = await folder();
    await symlink(path, join(path, 'link'));
    await withJournal(join(path, 'a.journal'), async () => {
      for (const name of [join(path, 'a.journal'), join(path, 'link', 'a.journal')]) {
        expect(await refusal(name)).toMatchObject({
          kind: 'conflict',
          message: expect.stringContaining(`process ${process.pid}`) as string,
          outcome: 'not-sent',
        });
      }
    });
    await withJournal(join(path, 'a.journal'), async () => undefined);
  });

  it('goes to one at most of many that come at the same moment', async () => {
    const path = join(await folder(), 'a.journal');
    for (let round = 0; round < 10; round += 1) {
      const opened = await Promise.allSettled(Array.from({ length: 5 }, () => fileJournal(path, { sync: false }).open()));
      const journals = opened.filter((one) => one.status === 'fulfilled').map(({ value }) => value);
      expect(journals.length).toBeLessThanOrEqual(1);
      for (const journal of journals) await journal.close();
    }
    await withJournal(path, async () => undefined);
  });

  it('of a process that runs is respected, of one that was killed is taken over', async () => {
    const path = join(await folder(), 'a.journal');
    const code = `import { lockPath } from ${JSON.stringify(new URL('journal-lock.ts', import.meta.url).href)};
      await lockPath(${JSON.stringify(path)}); console.log('locked'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    expect(await refusal(path)).toMatchObject({ kind: 'conflict', retryable: true, message: expect.stringContaining(`process ${child.pid}`) as string });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await written(path);
  });

  it('of a process that was killed is taken over also while it is still listed (Linux)', async () => {
    const path = join(await folder(), 'a.journal');
    // `sleep` never asks how its child ended.
    const parent = spawn('sh', ['-c', '"$0" --eval "setInterval(() => {}, 1000)" & echo $!; exec sleep 60', process.execPath], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const pid = Number(String((await once(parent.stdout, 'data'))[0]));
    const state = async (): Promise<string> => /\) (\w)/.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))![1]!;
    await written(path);
    const pidNamespace = await readlink('/proc/self/ns/pid');
    await writeFile(`${path}.lock-${crypto.randomUUID()}`, JSON.stringify({ pid, host: hostname(), pidNamespace }));
    expect(await refusal(path)).toMatchObject({ kind: 'conflict', message: expect.stringContaining(`process ${pid}`) as string });
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(async () => (await state()) === 'Z');
    await withJournal(path, async (journal) => expect(journal.size).toBe(4));
  });

  it.each<[string, object | string, 'taken' | 'refused']>([
    ['whose number was given to another process', { pid: process.pid, host: hostname(), started: '1' }, 'taken'],
    ['of before the machine was started', { pid: process.pid, host: hostname(), boot: 'another' }, 'taken'],
    ['that does not exist', { pid: 2 ** 22 + 1, host: hostname() }, 'taken'],
    ['on another machine', { pid: 1, host: 'elsewhere' }, 'refused'],
    ['in another container', { pid: 2 ** 22 + 1, host: hostname(), pidNamespace: 'pid:[1]' }, 'refused'],
    ['that nobody can read', 'half', 'refused'],
  ])('of a process %s is told apart', async (_name, owner, expected) => {
    const path = await folder();
    const claim = join(path, `a.journal.lock-${crypto.randomUUID()}`);
    const [{ pidNamespace, ...self }] = await withJournal(join(path, 'other'), async () => [
      JSON.parse(
        await readFile(
          join(
            path,
            (await readdir(path)).find((name) => name.startsWith('other.lock'))!,
          ),
          'utf8',
        ),
      ) as Record<string, unknown>,
    ]);
    expect(self).toMatchObject({ pid: process.pid, host: hostname() });
    await writeFile(claim, typeof owner === 'string' ? owner : JSON.stringify({ pidNamespace, ...owner }));
    if (expected === 'taken') {
      await written(join(path, 'a.journal'));
      expect(await readdir(path)).toEqual(['a.journal', 'other']);
    } else {
      const error = await refusal(join(path, 'a.journal'));
      expect(error).toMatchObject({ kind: 'conflict', retryable: false });
      expect(error.hint).toContain(claim);
    }
  });
});
