import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createFakes, createFakeTenovos, fault, type Fakes } from '../index.ts';
import { expectFake } from '../matchers/node-test.ts';
import { SecretScan } from './secret-scan.ts';
import { carries, redactText, Secrets } from './secrets.ts';

describe('a known value is found', () => {
  const secrets = new Secrets().add('s3cr3t/+ pässword').add('short').add('s3cr3t').add('an0ther-secret');
  test.each([
    'x s3cr3t/+ pässword y',
    encodeURIComponent('s3cr3t/+ pässword'),
    new URLSearchParams({ x: 's3cr3t/+ pässword' }).toString(),
    JSON.stringify({ deep: 's3cr3t/+ pässword' }),
    '%73%33cr3t',
    btoa('user:an0ther-secret'),
    btoa('us:an0ther-secret'),
    btoa('u:an0ther-secret/x'),
    Buffer.from('user:an0ther-secret').toString('hex'),
    Buffer.from('an0ther-secret').toString('hex').toUpperCase(),
  ])('in %s', (text) => {
    expect(carries(secrets, text)).toBe(true);
    const clean = redactText([secrets], text);
    expect(carries(secrets, clean)).toBe(false);
    expect(clean).toContain('[redacted]');
    for (const size of [1, 2, 3, 1000]) {
      if (text.startsWith('%73')) continue;
      let found = 0;
      const scan = new SecretScan([new Secrets(), secrets], () => found++);
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length; at += size) scan.see(bytes.subarray(at, at + size));
      expect(found, `in chunks of ${size}`).toBeGreaterThan(0);
    }
  });

  test('and nothing else', () => {
    expect(carries(secrets, 'short s3cr3 password %zz')).toBe(false);
    expect(redactText([secrets], 'short s3cr3 password %zz')).toBe('short s3cr3 password %zz');
    const scan = new SecretScan([secrets], () => expect.unreachable());
    for (let i = 0; i < 50; i++) scan.see(crypto.getRandomValues(new Uint8Array(5000)));
  });
});

/** Puts a secret wherever a careless client could. */
async function spill(
  fakes: Fakes,
  secret: string,
  base: { readonly tenovos: string; readonly worldserver: string; readonly egain: string },
  fetch: typeof globalThis.fetch,
): Promise<void> {
  const tries: [string, RequestInit?][] = [
    [`${base.tenovos}/assets/asset/${encodeURIComponent(secret)}?empty=${secret}`],
    [`${base.tenovos}/assets/asset/a?${secret}=1&note=${secret}&note=2`, { headers: { range: `bytes=${secret}-`, 'if-match': secret } }],
    [`${base.tenovos}/nowhere/${secret}`],
    [`${base.tenovos}/assets/asset/a/${secret}`, { method: 'PATCH' }],
    [
      `${base.tenovos}/auth/token`,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ [secret]: [{ note: `x${secret}y` }] }) },
    ],
    [`${base.egain}/assets/${secret}`, { headers: { authorization: `Bearer ${fakes.egain.issueToken()}` } }],
    [
      `${base.egain}/assets`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${fakes.egain.issueToken()}` },
        body: JSON.stringify({ [secret]: secret }),
      },
    ],
    [`${base.worldserver}/v2/files/asset?resourceId=${secret}`],
  ];
  for (const [url, init] of tries) {
    try {
      await (await fetch(url, init)).text();
    } catch (error) {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
    }
  }
}

describe.each(['in process', 'sockets'])('no secret shows %s', (shape) => {
  test('in calls, problems, errors and what a test prints', async () => {
    await using fakes = createFakes({
      tenovos: { assets: [{ id: 'a', name: 'a.png' }] },
      worldserver: { users: [{ username: 'u', password: 'p/ä ss+word' }] },
    });
    const { apiKey, password, username } = fakes.tenovos.clientOptions;
    const login = await fakes.fetch(`${fakes.tenovos.baseUrl}/auth/token`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    const { session } = (await login.json()) as { session: Record<'authorization' | 'accessToken', string> };
    const headers = { 'x-api-key': apiKey, authorization: session.authorization, accesstoken: session.accessToken, 'content-type': 'application/json' };
    const link = (await (await fakes.fetch(`${fakes.tenovos.baseUrl}/asset/a/content`, { headers })).json()) as { presignedURL: string };
    const signature = new URL(link.presignedURL).searchParams.get('X-Amz-Signature')!;
    const secrets = [
      apiKey,
      password,
      session.authorization,
      session.accessToken,
      signature,
      fakes.egain.conversation.clientOptions.auth.clientSecret,
      'p/ä ss+word',
    ];
    const sockets = shape === 'sockets' ? await fakes.listen() : undefined;
    const base = {
      tenovos: (sockets ?? fakes).tenovos.baseUrl,
      worldserver: (sockets ?? fakes).worldserver.baseUrl,
      egain: (sockets ?? fakes).egain.conversation.baseUrl,
    };
    for (const secret of secrets) await spill(fakes, secret, base, sockets === undefined ? fakes.fetch : globalThis.fetch);
    // As an answer, too.
    fakes.tenovos.faults.add('retrieveAsset', fault.status(500, { headers: { 'x-echo': apiKey, location: `https://x.test/${password}` } }));
    await fakes.fetch(`${fakes.tenovos.baseUrl}/assets/asset/a`, { headers });
    // A query value that breaks a rule stands in the sentence of the problem.
    await fakes.fetch(`${fakes.tenovos.baseUrl}/assets/asset/a?empty=${session.authorization}`, { headers }).catch(() => undefined);
    expect(fakes.problems.some((problem) => problem.includes('query/empty is "[redacted]"'))).toBe(true);

    const failures = [
      () => expectFake(fakes).toHaveObeyedTheSpecs(),
      () => expectFake(fakes.tenovos).toHaveCalled('scanAssets'),
      () => expectFake(fakes).toHaveDownloaded('zz'),
    ].map((run) => {
      try {
        run();
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    });
    const printed: Record<string, string> = {
      calls: JSON.stringify(fakes.calls),
      problems: fakes.problems.join('\n'),
      failures: failures.join('\n'),
      'JSON of a fake': JSON.stringify([fakes.tenovos, fakes.egain, fakes.worldserver]),
      'a fake inspected': inspect([fakes.tenovos, fakes.egain, fakes.worldserver], { depth: 9, showHidden: true }),
      'fakes inspected': inspect(fakes, { depth: 9, getters: false }),
    };
    for (const [what, text] of Object.entries(printed)) {
      expect(text, what).not.toBe('');
      for (const secret of secrets) {
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
          expect(text.includes(form), `${form} in ${what}`).toBe(false);
        // Not the first half of it either, which a shortened value would leave. Tokens begin alike, so the end of the half counts.
        if (secret.length > 40) expect(text.includes(secret.slice(secret.length - 30, secret.length - 10)), `a part of ${secret} in ${what}`).toBe(false);
      }
    }
    expect(printed.calls).toContain('/v1/assets/asset/[redacted]');
  });
});

test('a fake compared or printed shows its calls and no machinery', async () => {
  await using fake = createFakeTenovos();
  expect(Object.keys(fake)).toEqual(['fetch']);
  expect(JSON.parse(JSON.stringify(fake))).toEqual({ vendor: 'tenovos', now: expect.any(String) as string, calls: [], problems: [], pendingFaults: [] });
});
