import type { Answer } from '../core/wire.ts';
import type { EgainExchange } from './token.ts';

/** A particular of an error. */
export interface Detail {
  readonly key: string;
  readonly value?: string;
}

/** An eGain error: the status is the first part of the code. */
export function egainError(
  x: EgainExchange,
  code: string,
  developerMessage: string,
  details: readonly Detail[] = [],
  status: number = Number(code.slice(0, 3)),
): Answer {
  const wanted = x.header('x-egain-error-message')?.toLowerCase() === 'yes';
  const body = {
    code,
    developerMessage,
    ...(details.length === 0 ? {} : { details }),
    ...(wanted ? { userMessage: USER_MESSAGES[code.slice(0, 3)] ?? 'Something went wrong.' } : {}),
  };
  if (x.header('accept')?.includes('application/xml') === true && !x.header('accept')!.includes('application/json')) {
    return {
      status,
      unchecked: true,
      headers: { 'content-type': 'application/xml' },
      text: `<?xml version="1.0" encoding="UTF-8"?>\n<wsErrorCommon>${xmlMembers(body)}</wsErrorCommon>`,
    };
  }
  return { status, json: body };
}

const USER_MESSAGES: Readonly<Record<string, string>> = {
  '400': 'Please check what you entered.',
  '401': 'Please log in again.',
  '403': 'You are not allowed to do this.',
  '404': 'This does not exist any more.',
  '429': 'Please try again in a minute.',
  '500': 'Please try again later.',
};

/** Members of an object as XML elements, in order; arrays repeat their element. */
export function xmlMembers(object: Readonly<Record<string, unknown>>): string {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const items = Array.isArray(value) ? value : [value];
      return items
        .map(
          (item) => `<${name}>${typeof item === 'object' && item !== null ? xmlMembers(item as Record<string, unknown>) : escapeXml(String(item))}</${name}>`,
        )
        .join('');
    })
    .join('');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
