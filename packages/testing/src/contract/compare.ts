/** What a tenant does and its fake does not, and the other way round. Reads only. */

import type { Asset, Content } from '@asset-clients/unified';

import { show, type Failure } from './expect.ts';
import type { LooseAdapter } from './harness.ts';
import type { Subject } from './subject.ts';

type Compared = Pick<Subject, 'adapter' | 'samples' | 'missing' | 'notReady'>;

/** Facts that do not depend on which file it is, by a name. */
export async function observe({ adapter, samples, missing, notReady }: Compared): Promise<Map<string, string>> {
  const facts = new Map<string, string>();
  const loose = adapter as LooseAdapter;
  const { supports } = adapter;
  const errorOf = async (name: string, call: () => Promise<unknown>): Promise<void> => {
    facts.set(
      name,
      await call().then(
        () => 'success',
        ({ kind, status, code }: Failure) => [kind, status, code].filter((part) => part !== undefined).join(' '),
      ),
    );
  };
  const forms = supports.download === false ? [] : supports.download.forms;
  for (const form of forms) {
    const sample = samples.find((other) => other.form === form);
    if (sample === undefined) continue;
    const content = await loose.download(sample.target as never);
    await content.bytes();
    for (const [name, value] of Object.entries(factsOf(content))) facts.set(`download (${form}): ${name}`, value);
  }
  if (supports.get !== false && samples[0] !== undefined) {
    const asset = await loose.get(samples[0].target as never);
    for (const [name, value] of Object.entries(detailsOf(asset))) facts.set(`get: ${name}`, value);
    await errorOf('get of a file that does not exist', () => loose.get(missing.target as never));
  }
  if (forms.length > 0) await errorOf('download of a file that does not exist', async () => (await loose.download(missing.target as never)).bytes());
  if (notReady !== undefined) await errorOf('download of a file that is not ready', async () => (await loose.download(notReady.target as never)).bytes());
  return facts;
}

function factsOf(content: Content): Record<string, string> {
  const header = (name: string): string => (content.headers.has(name) ? 'sent' : 'not sent');
  return {
    'size before the first byte': content.size === undefined ? 'not told' : 'told',
    'file name': content.name === undefined ? 'not told' : 'told',
    'media type': content.mediaType === undefined ? 'not told' : 'told',
    'time of the last change': content.lastModified === undefined ? 'not told' : 'told',
    ETag: header('etag'),
    'Accept-Ranges': content.headers.get('accept-ranges') ?? 'not sent',
    'proof of completeness': content.receipt().verified,
  };
}

function detailsOf(asset: Asset): Record<string, string> {
  const raw = Object.keys(asset.raw as object).toSorted();
  return {
    size: asset.size === undefined ? 'not told' : 'told',
    'media type': asset.mediaType === undefined ? 'not told' : 'told',
    'time of the last change': asset.updatedAt === undefined ? 'not told' : 'told',
    "members of the vendor's answer": show(raw),
  };
}

/** One line for each fact that differs. */
export async function differences(real: Compared, fake: Compared): Promise<string[]> {
  const [there, here] = [await observe(real), await observe(fake)];
  const names = new Set([...there.keys(), ...here.keys()]);
  return [...names].flatMap((name) => {
    const [ofReal, ofFake] = [there.get(name) ?? 'not observed', here.get(name) ?? 'not observed'];
    return ofReal === ofFake ? [] : [`${real.adapter.vendor}: ${name}: ${ofReal}; the fake: ${ofFake}`];
  });
}
