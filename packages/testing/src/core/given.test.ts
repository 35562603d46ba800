import { describe, expect, test } from 'vitest';
import { createFakeEgain, createFakes, createFakeTenovos, createFakeWorldServer } from '../index.ts';

/** Calls without types, as JavaScript and JSON do. */
const make = { egain: createFakeEgain, tenovos: createFakeTenovos, worldserver: createFakeWorldServer, fakes: createFakes } as unknown as Record<
  'egain' | 'tenovos' | 'worldserver' | 'fakes',
  (options: unknown) => { seed(seed: unknown): void; close(): Promise<void> }
>;

describe('a mistake in options and seeds is told where it was made', () => {
  test.each<[keyof typeof make, unknown, string]>([
    ['tenovos', { asset: [] }, "createFakeTenovos(options) has no 'asset'. Did you mean 'assets'?"],
    ['tenovos', { assets: {} }, 'assets of createFakeTenovos(options) is a list, not an object.'],
    ['tenovos', { assets: ['a'] }, 'assets[0] of createFakeTenovos(options) is an object, not "a".'],
    ['tenovos', { assets: [{ name: 'a' }, { name: 'b', bites: 5 }] }, "assets[1] of createFakeTenovos(options) has no 'bites'. Did you mean 'bytes'?"],
    [
      'tenovos',
      { assets: [{ name: 'a', access: 'dowload' }] },
      'access of assets[0] of createFakeTenovos(options) is one of "download", "view", "none", not "dowload".',
    ],
    [
      'tenovos',
      { assets: [{ name: 'a', metadata: [{ nmae: 'x' }] }] },
      "metadata[0] of assets[0] of createFakeTenovos(options) has no 'nmae'. Did you mean 'name'?",
    ],
    ['tenovos', { assets: [{ name: 'a', id: 5 }] }, 'id of assets[0] of createFakeTenovos(options) is text that is not empty, not 5.'],
    ['tenovos', { assets: [{ name: 'a', id: '' }] }, 'id of assets[0] of createFakeTenovos(options) is text that is not empty, not "".'],
    [
      'tenovos',
      {
        assets: [
          { id: 'x', name: 'a' },
          { id: 'x', name: 'b' },
        ],
      },
      'assets[1] of createFakeTenovos(options) has the id "x", as item 0 has.',
    ],
    [
      'worldserver',
      {
        tasks: [
          { id: 1, source: { name: 'a' } },
          { id: 1, source: { name: 'b' } },
        ],
      },
      'tasks[1] of createFakeWorldServer(options) has the id 1, as item 0 has.',
    ],
    [
      'egain',
      {
        attachments: [
          { altId: 'x', name: 'a' },
          { altId: 'x', name: 'b' },
        ],
      },
      'attachments[1] of createFakeEgain(options) has the altId "x", as item 0 has.',
    ],
    [
      'egain',
      { assets: [{ name: 'a', contentType: 'text' }] },
      'contentType of assets[0] of createFakeEgain(options) is a media type such as image/jpeg, not "text".',
    ],
    ['tenovos', { assets: [{ name: 'a', contentType: 'a/b\r\nx: y' }] }, 'is a media type such as image/jpeg, not "a/b'],
    [
      'tenovos',
      { assumptions: { contentUrlLifetimeSeconds: -5 } },
      'contentUrlLifetimeSeconds of assumptions of createFakeTenovos(options) is a number of 0 or more, not -5.',
    ],
    [
      'tenovos',
      { assets: [{ id: 'x', name: 'a', renditions: { thumb: { byte: 1 } } }] },
      "thumb of renditions of the asset 'x' has no 'byte'. Did you mean 'bytes'?",
    ],
    ['tenovos', { assets: [{ name: 'a', renditions: true }] }, 'renditions of assets[0] of createFakeTenovos(options) is false or an object, not true.'],
    ['tenovos', { assets: [{ id: 'x', name: 'a', bytes: '5' }] }, `bytes of 'tenovos:x' is a Uint8Array or a whole number of 0 or more, not "5".`],
    ['tenovos', { assets: [{ id: 'x', name: 'a', file: '/no/such/file.tif' }] }, `file of 'tenovos:x': there is no /no/such/file.tif.`],
    ['tenovos', { assets: [{ id: 'x', name: 'a', file: '/' }] }, `file of 'tenovos:x': / is no file.`],
    ['tenovos', { assumptions: { hitCont: 'total' } }, "assumptions of createFakeTenovos(options) has no 'hitCont'. Did you mean 'hitCount'?"],
    [
      'tenovos',
      { assumptions: { contentUrlLifetimeSeconds: '5' } },
      'contentUrlLifetimeSeconds of assumptions of createFakeTenovos(options) is a number of 0 or more, not "5".',
    ],
    ['tenovos', { assumptions: { rateLimitPerMinute: -1 } }, 'is a whole number of 0 or more or null, not -1.'],
    ['tenovos', { strict: 'no' }, 'strict of createFakeTenovos(options) is true or false, not "no".'],
    ['tenovos', { clock: 'fast' }, `clock is 'auto', 'manual' or 'system', not "fast".`],
    ['tenovos', { now: 'soon' }, 'now is a time: milliseconds since the epoch, a Date or ISO text, not "soon".'],
    ['tenovos', 'x', 'createFakeTenovos(options) is an object, not "x".'],
    ['egain', { assets: [{ name: 'a.jpg', upload: false }] }, "has no 'upload'. Did you mean 'uploaded'?"],
    [
      'egain',
      { attachments: [{ name: 'a.pdf', app: 'mail' }] },
      'app of attachments[0] of createFakeEgain(options) is one of "email", "task", "calltrack", not "mail".',
    ],
    ['egain', { attachements: [] }, "Did you mean 'attachments'?"],
    ['egain', { enviroment: 'commercial' }, "Did you mean 'environment'?"],
    ['egain', { assumptions: { uploadHeaders: { x: 1 } } }, 'x of uploadHeaders of assumptions of createFakeEgain(options) is text, not 1.'],
    ['worldserver', { task: [] }, "Did you mean 'tasks'?"],
    [
      'worldserver',
      { tasks: [{ id: 1, source: { name: 'a', txt: 'x' } }] },
      "source of tasks[0] of createFakeWorldServer(options) has no 'txt'. Did you mean 'text'?",
    ],
    ['worldserver', { tasks: [{ id: '1', source: { name: 'a' } }] }, 'The id of a task is a whole number, not 1.'],
    ['worldserver', { tasks: [{ id: 1, source: { name: 'a' }, translated: true }] }, "tasks[0] of createFakeWorldServer(options) has no 'translated'."],
    ['worldserver', { users: [{ username: 'u', password: 'p', denied: ['getAset'] }] }, 'denied[0] of users[0] of createFakeWorldServer(options) is one of'],
    [
      'worldserver',
      { assumptions: { errorBody: 'xml' } },
      'errorBody of assumptions of createFakeWorldServer(options) is one of "json", "text", "html", not "xml".',
    ],
    ['fakes', { tenovo: {} }, "createFakes(options) has no 'tenovo'. Did you mean 'tenovos'?"],
    ['fakes', { assets: [] }, "createFakes(options) has no 'assets'. There are: egain, tenovos, worldserver, clock, now, random, strict."],
    ['fakes', { tenovos: { clock: 'manual' } }, 'clock and now stand beside tenovos, not in it.'],
    ['fakes', { tenovos: { asets: [] } }, "createFakeTenovos(options) has no 'asets'."],
  ])('%s %j', (vendor, options, message) => {
    expect(() => make[vendor](options)).toThrow(TypeError);
    expect(() => make[vendor](options)).toThrow(message);
  });

  test.each<[keyof typeof make, unknown, string]>([
    ['tenovos', { asset: [] }, "seed(...) has no 'asset'. Did you mean 'assets'? There is: assets."],
    ['egain', { assets: [{ nam: 'x' }] }, "assets[0] of seed(...) has no 'nam'. Did you mean 'name'?"],
    ['worldserver', { tasks: [{ id: 1, sorce: {} }] }, "tasks[0] of seed(...) has no 'sorce'. Did you mean 'source'?"],
  ])('seed of %s', async (vendor, seed, message) => {
    const fake = make[vendor]({});
    expect(() => fake.seed(seed)).toThrow(message);
    await fake.close();
  });
});

describe('listen', () => {
  test.each<[unknown, string]>([
    [{ port: 1 }, "listen(options) has no 'port'. Did you mean 'ports'?"],
    [{ ports: { store: 1 } }, "ports of listen(options) has no 'store'. Did you mean 'storage'? There are: api, storage, elsewhere."],
    [{ ports: { token: 1 } }, "ports of listen(options) has no 'token'."],
    [{ ports: { api: '80' } }, 'api of ports of listen(options) is a whole number of 0 or more, not "80".'],
    [{ ports: { api: 70_000 } }, 'api of ports of listen(options) is a port up to 65535, not 70000.'],
    [{ ports: { api: 4000, storage: 4000 } }, 'gives 4000 to api and to storage: each host needs its own.'],
    [{ cors: 'yes' }, 'cors of listen(options) is true or false, not "yes".'],
  ])('refuses %j and leaves the clock as it was', async (options, message) => {
    await using fake = createFakeTenovos();
    await expect(fake.listen(options as never)).rejects.toThrow(message);
    expect(fake.clock.mode).toBe('auto');
  });
});
