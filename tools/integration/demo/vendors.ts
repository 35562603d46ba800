/** The three vendors in a process of their own: fakes on free ports of 127.0.0.1, started by `main.ts`. */

import { createFakes, fault } from '@asset-clients/testing';

/** Which files the vendors hold. */
export interface VendorFiles {
  readonly emailAttachment: string;
  readonly tenovosOriginal: string;
  readonly tenovosFilm: string;
  readonly taskSource: string;
  readonly taskTarget: string;
  readonly otherTaskSource: string;
}

/** What the demo needs to know of the vendors; the credentials are the fakes' own, made up. */
export interface VendorsReady {
  readonly conversation: object;
  readonly attachments: object;
  readonly tenovos: object;
  readonly worldserver: object;
  readonly ids: {
    readonly altId: string;
    readonly original: string;
    readonly film: string;
    readonly task: number;
    readonly otherTask: number;
    readonly filmTask: number;
  };
}

/** What the weather does to the next request for a file. */
export type Storm = 'reset' | 'expired' | 'session';

/** What may be asked of the vendors' process when it is ready; it answers each. */
export type Question = 'report' | 'logins' | { readonly storm: Storm };

/** Where the connection breaks. */
export const RESET_AT = 37_000_000;

/** What the storage hosts saw. */
export interface StorageLog {
  readonly requests: number;
  readonly headerNames: readonly string[];
  /** One line for each credential of a vendor that arrived. */
  readonly credentials: readonly string[];
}

/** The fake's clock stays in its process; the clients have that of the system. */
function plain({ clock: _clock, ...options }: { readonly clock: unknown }): object {
  return options;
}

const basename = (path: string): string => path.split(/[\\/]/).at(-1)!;

async function serve(files: VendorFiles): Promise<void> {
  const ids = {
    altId: '7b6c5fff-036e-4a40-b68a-a67c592fc079',
    original: '2dee909b-6b2b-4da8-96c3-af90fc1662ec',
    film: '0fcb5eb4-5e0e-4ffa-8780-9206a0f833f1',
    task: 1234,
    otherTask: 1235,
    filmTask: 1236,
  };
  const fakes = createFakes({
    egain: { attachments: [{ altId: ids.altId, name: basename(files.emailAttachment), file: files.emailAttachment }] },
    tenovos: {
      assets: [
        {
          id: ids.original,
          name: basename(files.tenovosOriginal),
          file: files.tenovosOriginal,
          metadata: [
            { name: 'Product', value: 'HooliDocs' },
            { name: 'Release Date', value: '01/01/2024' },
            {
              name: 'Usage Table',
              value: [
                [
                  { name: 'Usage Category', value: 'E-Commerce' },
                  { name: 'Usage Length', value: '12 months' },
                ],
              ],
            },
          ],
        },
        { id: ids.film, name: basename(files.tenovosFilm), file: files.tenovosFilm },
      ],
    },
    worldserver: {
      tasks: [
        {
          id: ids.task,
          projectId: 77,
          source: { name: basename(files.taskSource), file: files.taskSource },
          target: { name: basename(files.taskTarget), file: files.taskTarget },
        },
        { id: ids.otherTask, projectId: 77, source: { name: basename(files.otherTaskSource), file: files.otherTaskSource } },
        { id: ids.filmTask, projectId: 78, source: { name: basename(files.tenovosFilm), file: files.tenovosFilm } },
      ],
    },
  });
  const servers = await fakes.listen();
  const ready: VendorsReady = {
    conversation: plain(servers.egain.conversation.clientOptions),
    attachments: plain(servers.egain.attachments.clientOptions),
    tenovos: plain(servers.tenovos.clientOptions),
    worldserver: plain(servers.worldserver.clientOptions),
    ids,
  };
  process.send!(ready);
  process.once('disconnect', () => void fakes.close());
  process.on('message', (question: Question) => {
    if (question === 'report') process.send!(report());
    else if (question === 'logins') process.send!({ logins: fakes.worldserver.calls.filter(({ operation }) => operation === 'login').length });
    else {
      if (question.storm === 'reset') fakes.tenovos.faults.add('content', fault.resetAfter(RESET_AT));
      if (question.storm === 'expired') fakes.tenovos.faults.add('content', fault.expiredUrl());
      if (question.storm === 'session') fakes.worldserver.faults.add('getAsset', fault.expiredSession());
      process.send!({ storm: question.storm });
    }
  });

  function report(): StorageLog {
    const storage = fakes.calls.filter(({ host }) => host === 'storage');
    return {
      requests: storage.length,
      headerNames: [...new Set(storage.flatMap(({ headerNames }) => headerNames))].toSorted(),
      credentials: storage.flatMap(({ method, path, credentials, leaks }) =>
        [...new Set([...credentials, ...leaks])].map((what) => `${method} ${path}: ${what}`),
      ),
    };
  }
}

process.once('message', (files) => void serve(files as VendorFiles));
