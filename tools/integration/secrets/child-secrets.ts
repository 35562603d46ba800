/** What the child must not show; the beginning and the end of each tell it as well as the whole. */
export const secrets = {
  password: 'canary01 pass+word/"%41<&>canary02',
  apiKey: 'canary03-api-key-canary04',
  clientSecret: 'canary05~client\\secret&canary06',
  authorization: 'canary07/authorization+canary08==',
  accessToken: 'canary09AccessTokenCanary10',
  refreshToken: 'canary11RefreshTokenCanary12',
  bearer: 'canary13.bearer.canary14',
  sessionId: 'canary15SessionCanary16',
  signature: 'canary17SignatureOfTheUrlCanary18',
  cookie: 'canary19CookieCanary20',
} as const;
