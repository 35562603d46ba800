import { describe, expect, it } from 'vitest';

import type { Fault } from './faults.ts';
import { OriginPolicy, PUBLIC_HEADERS, reachOf, resolutionRefused } from './untrusted-url.ts';

const publicPolicy = new OriginPolicy(new URL('https://api.example.com/v1'), ['http://127.0.0.1:9000', 'https://files.internal/some/path']);

describe('a URL out of an answer', () => {
  it.each([
    'https://bucket.s3.amazonaws.com/key?X-Amz-Signature=1',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
    'https://api.example.com/other',
    'https://files.example.com:8443/',
    'https://files.example.com:1024/',
    'https://files.example.com:443/',
    'https://api.example.com./',
    'https://[64:ff9b::8.8.8.8]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[2002:808:808::]/',
    'https://[2001:200::1]/',
    'https://[3fff:1000::1]/',
    'https://[3ffe::1]/',
    'https://files.example.com/a?b#c',
    'https://10.0.0.1.example.com/',
    'https://files.internal.example.com/',
    'https://[2001:4860:1:2:3:4:5:6]/',
    'https://[2001:4860::]/',
  ])('may be asked when it is public: %s', (url) => {
    expect(publicPolicy.check(url).href).toBe(new URL(url).href);
  });

  it.each(['http://127.0.0.1:9000/x', 'https://files.internal/y'])('may be asked when its origin is trusted: %s', (url) => {
    expect(publicPolicy.check(url).href).toBe(url);
  });

  it.each([
    'http://files.example.com/',
    'ftp://files.example.com/',
    'file:///etc/passwd',
    'data:text/plain,hello',
    'blob:https://api.example.com/1',
    'javascript:alert(1)',
    '',
    'not a url',
    '//[',
    '/relative',
    'https://user@files.example.com/',
    'https://:pw@api.example.com/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://017700000001/',
    'https://0/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://172.31.255.255/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/',
    'https://192.0.0.1/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://①②⑦.0.0.1/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::127.0.0.1]/',
    'https://[fe80::1]/',
    'https://[fc00::1]/',
    'https://[fd12:3456::1]/',
    'https://[ff02::1]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:db8::1]/',
    'https://[fec0::1]/',
    'https://localhost/',
    'https://LOCALHOST./',
    'https://a.localhost/',
    'https://printer.local/',
    'https://vault.internal/',
    'https://intranet/',
    'https://LOCALHOST../',
    'https://vault.internal./',
    'https://localhost.localdomain/',
    'https://box.home.arpa/',
    'https://db.private/',
    'https://127.0.0.1./',
    'https://192.88.99.1/',
    'https://192.0.2.1/',
    'https://198.19.255.255/',
    'https://198.51.100.1/',
    'https://203.0.113.1/',
    'https://0.1.2.3/',
    'https://100.127.255.255/',
    'https://172.20.0.1/',
    'https://239.255.255.250/',
    'https://240.0.0.1/',
    'https://[::ffff:0:7f00:1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[64:ff9b:1::8.8.8.8]/',
    'https://[2002:a00:1::]/',
    'https://[2002:c0a8:101::]/',
    'https://[2001::1]/',
    'https://[2001:1ff::1]/',
    'https://[3fff::1]/',
    'https://[3fff:fff::1]/',
    'https://[1fff::1]/',
    'https://[4000::1]/',
    'https://[100::1]/',
    'https://[5f00::1]/',
    'https://[febf::1]/',
    'https://files.example.com:22/',
    'https://files.example.com:1023/',
    'https://files.example.com:80/',
    'https://127.0.0.1:9000/',
    'http://127.0.0.1:9001/',
  ])('is refused: %s', (url) => {
    expect(() => publicPolicy.check(url)).toThrow(expect.objectContaining({ name: 'UrlRefusedError' }) as Error);
  });

  it('is not shown with its query in the refusal', () => {
    expect(() => publicPolicy.check('http://files.example.com/a?sig=topsecret')).toThrow(/^(?!.*topsecret).*$/);
  });

  it.each([
    ['//[', 'it is not a URL'],
    ['ftp://files.example.com/', 'its scheme is ftp, not https'],
    ['https://u@files.example.com/', 'it holds a user name or password'],
    ['http://files.example.com/', 'http://files.example.com is not https; add it to trustedOrigins if it is yours'],
    ['https://files.example.com:22/', 'files.example.com:22 has a port of another service; add https://files.example.com:22 to trustedOrigins if it is yours'],
    ['https://10.0.0.1:8443/', '10.0.0.1:8443 is not a public address; add https://10.0.0.1:8443 to trustedOrigins if it is yours'],
  ])('is refused in words: %s', (url, message) => {
    expect(() => publicPolicy.check(url)).toThrow(expect.objectContaining({ message }) as Error);
  });

  it.each([
    ['http://files.example.com/', true],
    ['https://10.0.0.1/', true],
    ['https://files.example.com:22/', true],
    ['ftp://files.example.com/', false],
    ['/relative', false],
    ['https://user:pw@files.example.com/', false],
    ['https://169.254.169.254/latest/meta-data/', false],
    ['http://169.254.169.254/latest/meta-data/', false],
    ['http://metadata.google.internal/', false],
  ])('is to be trusted, by its advice, only where that helps: %s %s', (url, expected) => {
    let told = '';
    try {
      publicPolicy.check(url);
    } catch (error) {
      const { message, meaning } = error as Fault;
      told = `${message} ${meaning!.hint}`;
    }
    expect(told.length).toBeGreaterThan(40);
    expect(told.includes('trustedOrigins')).toBe(expected);
  });

  it.each([
    ['10.0.0.1', true],
    ['169.254.169.254', false],
    ['fd00:ec2::254', false],
  ])('whose name resolves to %s has that advice as well: %s', (address, expected) => {
    expect(resolutionRefused('files.example.com', [address]).meaning!.hint!.includes('trustedOrigins')).toBe(expected);
  });

  it('may be of the API itself, whatever its port', () => {
    expect(new OriginPolicy(new URL('https://api.example.com:444')).check('https://api.example.com:444/x').port).toBe('444');
  });

  const REACHES = {
    public: ['http://files.example.com/', 'https://files.example.com/'],
    private: [
      'http://10.0.0.2/',
      'https://10.0.0.2/',
      'https://172.20.0.1/',
      'https://192.168.1.1/',
      'https://[fd12::2]/',
      'https://files.internal/',
      'http://minio/',
    ],
    loopback: [
      'http://127.0.0.1:9000/',
      'https://127.9.9.9/',
      'http://localhost:9000/',
      'https://a.localhost/',
      'http://[::1]:9000/',
      'https://[::ffff:127.0.0.1]/',
    ],
    reserved: [
      'http://169.254.169.254/latest/meta-data/',
      'https://169.254.1.1/',
      'http://0.0.0.0:9000/',
      'http://[::]/',
      'https://[fe80::1]/',
      'https://[fd00:ec2::254]/',
      'http://[fd20:ce::254]/',
      'http://metadata.google.internal/',
      'http://metadata/',
      'http://100.100.100.200/',
      'http://192.0.2.1/',
      'http://224.0.0.1/',
      'https://255.255.255.255/',
      'https://[ff02::1]/',
      'http://[::ffff:169.254.169.254]/',
    ],
  };

  it.each([
    ['https://api.example.com', 'public', []],
    ['http://api.example.com', 'public', ['public']],
    ['https://10.0.0.1', 'private', []],
    ['http://10.0.0.1', 'private', ['private']],
    ['http://vault.internal:8080', 'private', ['private']],
    ['https://localhost:8443', 'loopback', []],
    ['http://127.0.0.1:8080', 'loopback', ['loopback']],
    ['http://[::1]:8080', 'loopback', ['loopback']],
    ['http://169.254.1.1', 'reserved', []],
  ])('of an API at %s may be public or %s, and plain http where both are %j', (base, near, http) => {
    const policy = new OriginPolicy(new URL(base));
    const may = (url: string): boolean => {
      try {
        return policy.check(url).href === url;
      } catch {
        return false;
      }
    };
    for (const [reach, urls] of Object.entries(REACHES)) {
      for (const url of urls) {
        const expected = reach !== 'reserved' && (url.startsWith('https') ? reach === 'public' || reach === near : http.includes(reach));
        const { href } = new URL(url);
        expect([url, may(href)]).toEqual([url, expected]);
        const { hostname, origin } = new URL(url);
        expect(new OriginPolicy(new URL(base), [origin]).check(url).hostname).toBe(hostname);
      }
    }
  });

  it('of an API at an address that no file is served from may not even be of its own', () => {
    expect(() => new OriginPolicy(new URL('http://169.254.1.1')).check('http://169.254.1.1/x')).toThrow('not a public address');
  });

  it('is not followed from https to http, also where the API is http', () => {
    const local = new OriginPolicy(new URL('http://127.0.0.1:8080'), []);
    expect(() => local.check('http://127.0.0.1:9000/', new URL('https://files.example.com'))).toThrow(/not https/);
  });
});

describe('a resolved address', () => {
  it("must be public unless its origin is the client's own or trusted", () => {
    expect(publicPolicy.mayConnect('https://files.example.com', '93.184.216.34')).toBe(true);
    expect(publicPolicy.mayConnect('https://files.example.com', '2606:4700::1111')).toBe(true);
    expect(publicPolicy.mayConnect('https://files.example.com', '::ffff:8.8.8.8')).toBe(true);
    expect(publicPolicy.mayConnect('https://api.example.com', '10.0.0.1')).toBe(true);
    expect(publicPolicy.mayConnect('https://files.internal', '10.0.0.1')).toBe(true);
    expect(publicPolicy.mayConnect('https://api.example.com:9443', '10.0.0.1')).toBe(false);
  });

  it.each(['10.0.0.1', '::1', '::ffff:10.0.0.1', 'fe80::1%eth0', 'fe80::1%1', 'not an address', ''])('%s is not public', (address) => {
    expect(publicPolicy.mayConnect('https://files.example.com', address)).toBe(false);
  });

  it('may be private where the API itself has a private address', () => {
    const policy = new OriginPolicy(new URL('http://10.0.0.1'), []);
    expect(policy.mayConnect('https://files.example.com', '10.0.0.9')).toBe(true);
    expect(policy.mayConnect('https://files.example.com', '93.184.216.34')).toBe(true);
    for (const address of ['127.0.0.1', '169.254.169.254', 'fd00:ec2::254', '0.0.0.0'])
      expect(policy.mayConnect('https://files.example.com', address)).toBe(false);
  });

  it('may be of this machine where the API itself is, and nowhere else of the own network', () => {
    const policy = new OriginPolicy(new URL('http://localhost:8080'), []);
    expect(policy.mayConnect('http://localhost:9000', '::1')).toBe(true);
    for (const address of ['10.0.0.1', 'fd12::1', '169.254.169.254', 'fe80::1%eth0']) expect(policy.mayConnect('http://localhost:9000', address)).toBe(false);
  });
});

describe('reachOf', () => {
  it('knows public addresses next to private ranges', () => {
    for (const host of [
      '9.255.255.255',
      '11.0.0.0',
      '100.63.0.1',
      '100.128.0.1',
      '172.15.0.1',
      '172.32.0.1',
      '192.167.1.1',
      '192.169.0.1',
      '198.17.0.1',
      '198.20.0.1',
      '223.255.255.255',
      '[2001:4860::8888]',
      '[64:ff9b::8.8.8.8]',
      'example.com',
      '8.64.0.1',
      '8.254.0.1',
      '169.253.0.1',
      '169.255.0.1',
      '191.0.0.1',
      '191.168.0.1',
      '192.0.1.1',
      '192.0.3.1',
      '192.1.0.1',
      '192.1.99.1',
      '192.88.98.1',
      '192.89.99.1',
      '197.18.0.1',
      '197.51.100.1',
      '198.51.99.1',
      '198.51.101.1',
      '198.52.100.1',
      '202.0.113.1',
      '203.0.112.1',
      '203.0.114.1',
      '203.1.113.1',
      '[2001:200::]',
      '[2606:4700::1111]',
      '[2a00:1450:4001:830::200e]',
    ]) {
      expect(reachOf(new URL(`https://${host}`).hostname), host).toBe('public');
    }
  });
});

describe('PUBLIC_HEADERS', () => {
  it('are these and no others: none can hold a credential', () => {
    expect([...PUBLIC_HEADERS].sort()).toEqual([
      'accept',
      'accept-encoding',
      'accept-language',
      'content-length',
      'content-type',
      'if-match',
      'if-none-match',
      'if-range',
      'range',
      'user-agent',
    ]);
  });
});
