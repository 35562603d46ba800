import { inspect } from 'node:util';

import { describe, expect, test } from 'vitest';

import { authorizationCode, authorizationUrl, clientCredentials, egainStrategy } from './auth.ts';

const options = { tokenUrl: 'https://login.example.com/global/g1/oauth2/v2.0/token', clientId: 'client-1', clientSecret: 'canary-secret', scope: ['a', 'b'] };

describe('clientCredentials', () => {
  test('gives a frozen object whose secret is there to be read, but in no copy and no table', () => {
    const auth = clientCredentials(options);
    const { clientSecret, ...shown } = options;
    expect({ ...auth }).toEqual({ type: 'clientCredentials', ...shown });
    expect(structuredClone(auth)).not.toHaveProperty('clientSecret');
    expect(auth.clientSecret).toBe(clientSecret);
    expect(Object.isFrozen(auth)).toBe(true);
  });

  test('does not show its secret when it is printed', () => {
    const auth = clientCredentials(options);
    expect(JSON.stringify(auth) + inspect(auth, { showHidden: true, depth: 9 })).not.toContain('canary-secret');
    // console.dir
    expect(inspect(auth, { customInspect: false, showHidden: true, depth: 9 })).not.toContain('canary-secret');
    expect(auth.clientSecret).toBe('canary-secret');
  });

  test('does not show code, verifier and refresh token either', () => {
    const auth = authorizationCode({
      tokenUrl: options.tokenUrl,
      clientId: 'c',
      redirectUri: 'https://app.example.com/',
      code: 'canary-code',
      codeVerifier: 'canary-verifier',
      refreshToken: 'canary-refresh',
    });
    expect(inspect(auth, { customInspect: false, showHidden: true, depth: 9 })).not.toContain('canary');
  });

  test.each(['tokenUrl', 'clientId', 'clientSecret'])('names %s when it is missing', (name) => {
    expect(() => clientCredentials({ ...options, [name]: '' })).toThrow(name);
  });

  test('refuses a tokenUrl that is no address', () => {
    expect(() => clientCredentials({ ...options, tokenUrl: 'login.example.com' })).toThrow('tokenUrl is not an absolute URL');
  });
});

describe('egainStrategy', () => {
  test('gives the same strategy for the same plain object, so that two clients share a token', () => {
    const auth = Object.freeze({ type: 'clientCredentials' as const, ...options });
    expect(egainStrategy(auth)).toBe(egainStrategy(auth));
    expect(egainStrategy(auth)).not.toBe(egainStrategy({ ...auth }));
  });

  test('refuses an object that is none of its own', () => {
    expect(() => egainStrategy({ type: 'password' } as never)).toThrow('clientCredentials');
  });
});

describe('authorizationUrl', () => {
  test('asks for a code with PKCE and a state', async () => {
    const { url, state, codeVerifier } = await authorizationUrl({
      authorizeUrl: 'https://ai.example.com/system/auth/T1-U/oauth2/authorize',
      clientId: 'client-1',
      redirectUri: 'https://app.example.com/back/',
      scope: ['core.a', 'core.b'],
      domainHint: 't1.example.com',
    });
    const query = Object.fromEntries(new URL(url).searchParams);
    expect(query).toMatchObject({
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: 'https://app.example.com/back/',
      scope: 'core.a core.b',
      state,
      code_challenge_method: 'S256',
      domain_hint: 't1.example.com',
    });
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(codeVerifier)));
    expect(query.code_challenge).toBe(Buffer.from(digest).toString('base64url'));
  });

  test('is told a code or a refresh token', () => {
    const base = { tokenUrl: options.tokenUrl, clientId: 'c', redirectUri: 'https://app.example.com/' };
    expect(() => authorizationCode(base)).toThrow('code is required');
    expect(authorizationCode({ ...base, refreshToken: 'r' }).type).toBe('authorizationCode');
  });
});
