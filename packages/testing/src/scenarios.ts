import { fault } from './core/faults.ts';
import type { FakeOptions } from './core/engine.ts';
import { createFakes, type Fakes } from './fakes.ts';
import { createFakeTenovos, type FakeTenovos } from './tenovos/fake.ts';
import { createFakeWorldServer, type FakeWorldServer } from './worldserver/fake.ts';

/** Ready situations, each a new fake (or all three) with names that tests can rely on. */
export interface Scenarios {
  /** Tenovos: the asset `hero` (`hero.tif`, 2,000,000 bytes), whose first signed URL is over when it is used. */
  expiredUrl(options?: FakeOptions): FakeTenovos;
  /** Tenovos: the asset `hero` (8,000,000 bytes), whose download breaks at 3,000,000 and at 6,000,000 bytes. */
  brokenDownload(options?: FakeOptions): FakeTenovos;
  /** Tenovos: the asset `catalogue`, with a metadata table of `rows` rows of two cells. */
  manyMetadataRows(rows?: number, options?: FakeOptions): FakeTenovos;
  /** WorldServer: task 1234 of project 10 is translated, task 1235 is not. `fake.translate(1235)` ends the wait. */
  targetNotTranslated(options?: FakeOptions): FakeWorldServer;
  /**
   * All three, one campaign: the picture `hero` and the metadata-only asset `brief` in Tenovos, tasks 1 (translated) and 2
   * (not yet) of project 7 in WorldServer, the attachment `feedback` in eGain.
   */
  threeVendorsOneCampaign(options?: FakeOptions): Fakes;
}

/** Ready situations. */
export const scenarios: Scenarios = {
  expiredUrl: (options = {}) => {
    const fake = createFakeTenovos({ ...options, assets: [{ id: 'hero', name: 'hero.tif', bytes: 2_000_000 }] });
    fake.faults.add('content', fault.expiredUrl());
    return fake;
  },
  brokenDownload: (options = {}) => {
    const fake = createFakeTenovos({ ...options, assets: [{ id: 'hero', name: 'hero.tif', bytes: 8_000_000 }] });
    fake.faults.add('content', fault.resetAfter(3_000_000), fault.resetAfter(3_000_000));
    return fake;
  },
  manyMetadataRows: (rows = 50_000, options = {}) =>
    createFakeTenovos({
      ...options,
      assets: [
        {
          id: 'catalogue',
          name: 'catalogue.pdf',
          metadata: [
            { name: 'Product', value: 'HooliDocs' },
            {
              name: 'Usage Table',
              value: Array.from({ length: rows }, (_, i) => [
                { name: 'Country', value: `C${i}` },
                { name: 'Usage Length', value: `${i % 24} months` },
              ]),
            },
          ],
        },
      ],
    }),
  targetNotTranslated: (options = {}) =>
    createFakeWorldServer({
      ...options,
      tasks: [
        { id: 1234, projectId: 10, source: { name: 'guide.docx', bytes: 90_000 }, target: { name: 'guide_de.docx', bytes: 95_000 } },
        { id: 1235, projectId: 10, source: { name: 'legal.docx', bytes: 40_000 } },
      ],
    }),
  threeVendorsOneCampaign: (options = {}) =>
    createFakes({
      ...options,
      tenovos: {
        assets: [
          { id: 'hero', name: 'hero.jpg', bytes: 1_500_000, width: 3000, height: 2000, metadata: [{ name: 'Campaign', value: 'Spring' }] },
          { id: 'brief', name: 'Spring brief', metadataOnly: true, metadata: [{ name: 'Campaign', value: 'Spring' }] },
        ],
      },
      worldserver: {
        projects: [{ id: 7, name: 'Spring', projectGroupId: 70 }],
        tasks: [
          { id: 1, projectId: 7, source: { name: 'claim.xlf', bytes: 12_000 }, target: { name: 'claim_de.xlf', bytes: 13_000 } },
          { id: 2, projectId: 7, source: { name: 'terms.xlf', bytes: 30_000 } },
        ],
      },
      egain: { attachments: [{ altId: 'feedback', name: 'feedback.pdf', bytes: 220_000 }] },
    }),
};
