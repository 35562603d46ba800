import { uploadContent, type EgainConversationClient } from '@asset-clients/egain';

/** On your server, which has the credentials: signs an upload of exactly this size; the type follows from the name. */
export async function signUpload(chat: EgainConversationClient, file: { name: string; size: number }): Promise<{ id: string; contentUrl: string }> {
  const { id, contentUrl } = await chat.createAsset({
    body: { name: file.name, size: file.size, channel: { type: 'sms' }, sender: { type: 'customer' } },
  });
  if (id === undefined || contentUrl === undefined) throw new Error('eGain answered without id or address');
  return { id, contentUrl };
}

/** In the browser, which has none: sends the file straight to the storage. */
export async function sendFile(file: File, { contentUrl }: { contentUrl: string }): Promise<void> {
  await uploadContent({ contentUrl, content: file, contentType: file.type });
}
