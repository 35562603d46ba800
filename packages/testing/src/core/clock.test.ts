import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { createFakeTenovos, fault } from '../tenovos/index.ts';
import { milliseconds, VirtualClock } from './clock.ts';

describe('durations', () => {
  test.each([
    ['61m', 3_660_000],
    ['1h30m', 5_400_000],
    ['2s', 2000],
    ['500ms', 500],
    ['7d', 604_800_000],
    ['1.5s', 1500],
    [250, 250],
  ] as const)('%s', (text, ms) => {
    expect(milliseconds(text)).toBe(ms);
  });
  test.each(['', '5', 'm', '5 years', -1, Number.NaN])('%s is refused', (text) => {
    expect(() => milliseconds(text)).toThrow(TypeError);
  });
});

describe("'auto'", () => {
  test('jumps to the next timer as soon as nothing else happens', async () => {
    const clock = new VirtualClock('auto', 1000);
    const started = performance.now();
    await clock.sleep('3h');
    await clock.sleep('2m');
    expect(clock.now()).toBe(1000 + 3 * 3_600_000 + 120_000);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('fires timers in order of time, then of setting', async () => {
    const clock = new VirtualClock('auto', 0);
    const fired: string[] = [];
    const set = (name: string, ms: number): void => void clock.setTimeout(() => fired.push(`${name}@${clock.now()}`), ms);
    set('c', 20);
    set('a', 10);
    set('b', 10);
    clock.clearTimeout(clock.setTimeout(() => fired.push('never'), 5));
    await clock.sleep(30);
    expect(fired).toEqual(['a@10', 'b@10', 'c@20']);
  });

  test('a watchdog does not fire while files are written or a long answer is read', async () => {
    const fake = createFakeTenovos({ assets: [{ id: 'a', name: 'a.png', renditions: { imageThumb: { bytes: 20_000_000 } } }] });
    const path = [...(fake as never as { engine: { state: { objects: Map<string, unknown> } } }).engine.state.objects.keys()].find((one) =>
      one.endsWith('200x200.png'),
    )!;
    const folder = await mkdtemp(join(tmpdir(), 'fake-clock-'));
    const file = await open(join(folder, 'a.bin'), 'w');
    let fired = 0;
    const response = await fake.fetch(fake.contentOrigin + path);
    for await (const chunk of response.body!) {
      const watchdog = fake.clock.setTimeout(() => fired++, 30_000);
      await file.write(chunk);
      fake.clock.clearTimeout(watchdog);
    }
    await file.sync();
    await file.close();
    await rm(folder, { recursive: true });
    expect(fired).toBe(0);
    await fake.close();
  });

  test('a stall is over when the watchdog of the client says so, in no time', async () => {
    await using fake = createFakeTenovos();
    fake.faults.add('rendition', fault.stallBeforeHeaders(), fault.stallAfter(10));
    for (let i = 0; i < 2; i++) {
      const controller = new AbortController();
      fake.clock.setTimeout(() => controller.abort(new Error('30 s of silence')), 30_000);
      await expect(fake.fetch(`${fake.contentOrigin}/x`, { signal: controller.signal }).then((response) => response.text())).rejects.toThrow('30 s of silence');
    }
  });
});

describe("'manual'", () => {
  test('advance waits for timers that do not exist yet, and for those that fired timers set', async () => {
    await using fake = createFakeTenovos({ clock: 'manual' });
    fake.faults.add('rendition', fault.latency(1000), fault.latency(2000));
    const run = (async () => {
      await fake.fetch(`${fake.contentOrigin}/1`);
      await fake.clock.sleep('5s');
      await fake.fetch(`${fake.contentOrigin}/2`);
      return fake.clock.now();
    })();
    const start = fake.clock.now();
    await fake.clock.advance('10s');
    expect((await run) - start).toBe(8000);
    expect(fake.clock.now() - start).toBe(10_000);
  });

  test('two advances at once are refused', async () => {
    const clock = new VirtualClock('manual');
    const first = clock.advance(5);
    await expect(clock.advance(5)).rejects.toThrow('await one advance before the next');
    await first;
  });

  test('works over sockets', async () => {
    await using fake = createFakeTenovos({ clock: 'manual' });
    const server = await fake.listen();
    fake.faults.add('rendition', fault.latency(60_000));
    const answer = fetch(`${server.contentOrigin}/x`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await fake.clock.advance('1m');
    expect((await answer).status).toBe(403);
  });
});

describe("'system'", () => {
  test('runs with the wall, and advance moves it on', async () => {
    const clock = new VirtualClock('system');
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(50);
    let fired = false;
    clock.setTimeout(() => (fired = true), 3_600_000);
    await clock.advance('61m');
    expect(fired).toBe(true);
    expect(clock.now() - Date.now()).toBeGreaterThan(3_659_000);
    await clock.sleep(20);
  });

  test("is what a listening fake changes to, unless another was chosen; 'auto' cannot listen", async () => {
    await using fake = createFakeTenovos();
    expect(fake.clock.mode).toBe('auto');
    await fake.listen();
    expect(fake.clock.mode).toBe('system');
    await using other = createFakeTenovos({ clock: 'auto' });
    await expect(other.listen()).rejects.toThrow("A fake with clock: 'auto' cannot listen");
  });
});

test("'auto' works beside vi.useFakeTimers()", async () => {
  vi.useFakeTimers();
  try {
    await using fake = createFakeTenovos();
    fake.faults.add('rendition', fault.latency(60_000));
    expect((await fake.fetch(`${fake.contentOrigin}/x`)).status).toBe(403);
    await fake.clock.advance('61m');
  } finally {
    vi.useRealTimers();
  }
});

test('time is told in whole milliseconds, whatever is waited for', async () => {
  const clock = new VirtualClock('auto', 1_000_000);
  await clock.sleep(0.3);
  await new Promise<void>((resolve) => void clock.setTimeout(resolve, 16.384));
  expect(clock.now()).toBe(1_000_018);
});
