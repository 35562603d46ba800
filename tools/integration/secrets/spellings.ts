/** How servers, proxies and gateways write back what they were told. */
export const spellings: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (secret) => secret,
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (secret) => encodeURIComponent(secret).replace(/%../g, (escape) => escape.toLowerCase()),
  'percent-encoded twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'form-encoded': (secret) => new URLSearchParams([['', secret]]).toString().slice(1),
  'JSON-escaped': (secret) => JSON.stringify(secret).slice(1, -1),
  'JSON in JSON': (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3),
  'JSON of PHP': (secret) =>
    JSON.stringify(secret)
      .slice(1, -1)
      .replaceAll('/', '\\/')
      .replace(/[^ -~]/g, unicodeEscape),
  'JSON of Go': (secret) => JSON.stringify(secret).slice(1, -1).replace(/[<>&]/g, unicodeEscape),
  'HTML with names': (secret) =>
    secret.replace(/[&<>"']/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[character]!),
  'HTML with numbers': (secret) => secret.replace(/[^A-Za-z0-9]/gu, (character) => `&#x${character.codePointAt(0)!.toString(16)};`),
  'UTF-8 read as Latin-1': (secret) => Buffer.from(secret).toString('latin1'),
  'as ASCII': (secret) => secret.replace(/[^ -~]/gu, '?'),
  base64: (secret) => Buffer.from(secret).toString('base64'),
  'base64 without padding': (secret) => Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  'base64 of a basic header': (secret) => `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`,
  'base64 of more': (secret) => Buffer.from(`id:${secret}:more`).toString('base64'),
};

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Where a text gives a secret away: its whole in any spelling, or the telling beginning or end of it. */
export function findSecret(text: string, secret: string): string | undefined {
  const needles = new Set([...Object.values(spellings).map((spell) => spell(secret)), secret.slice(0, 8), secret.slice(-8), ...base64Cores(secret)]);
  for (const needle of needles) {
    const at = text.indexOf(needle);
    if (at >= 0) return `…${text.slice(Math.max(0, at - 100), at + needle.length + 20)}…`;
  }
  return undefined;
}

/** The middle of a secret in base64, whatever stood before it. */
function base64Cores(secret: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.from('x'.repeat(before) + secret)
      .toString('base64')
      .slice(4, -6);
    return [text, text.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
