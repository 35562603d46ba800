import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApiError, type EgainConversationClient } from '@asset-clients/egain';

/** Passes the body of a request on to eGain, as it comes in: nothing is kept in memory or on disk. */
export async function receivePhoto(chat: EgainConversationClient, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const { id } = await chat.uploadAsset(
      {
        name: 'photo.jpg',
        content: request,
        // eGain signs the exact size and type, so both are needed before the first byte.
        size: Number(request.headers['content-length']),
        contentType: request.headers['content-type'] ?? 'application/octet-stream',
        channel: { type: 'sms' },
        sender: { type: 'customer' },
      },
      { signal: gone.signal },
    );
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ id }));
  } catch (error) {
    if (!ApiError.is(error)) throw error;
    // A wrong argument (no length, more than 10 MiB) is the sender's mistake; everything else is between eGain and us.
    response.writeHead(error.kind === 'invalid-request' ? 400 : 502, { 'content-type': 'text/plain' }).end(error.userMessage ?? error.kind);
  }
}
