import type { EgainConversationClient } from '@asset-clients/egain';

/** Which files may be sent to a channel: GET /channels has no method here. */
export async function attachmentPolicies(chat: EgainConversationClient): Promise<unknown> {
  return await chat.request('GET /channels', { query: { type: 'sms' } });
}
