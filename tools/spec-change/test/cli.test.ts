import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { thisRepository } from '../src/workspace.ts';

/** The command, where a build cannot even begin. */
function update(...args: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(thisRepository, 'tools/spec-change/src/cli.ts'), 'update', ...args], {
    encoding: 'utf8',
    env: { ...process.env, TURBO_CONCURRENCY: 'none', TURBO_TELEMETRY_DISABLED: '1' },
  });
  return { status, said: `${stdout}${stderr}` };
}

test.each(['tenovos/nothing', 'tenovos', 'nobody/assets', '../specs/tenovos/assets'])(
  'update of %s says which documents there are, and builds nothing',
  (target) => {
    const { status, said } = update(target, 'nowhere.yaml');
    expect(status).toBe(1);
    expect(said).toContain(`There is no document for "${target}".`);
    for (const known of ['egain/attachments', 'egain/conversation', 'tenovos/assets', 'worldserver/files']) expect(said).toContain(known);
  },
);

test('update of a known one builds first', () => {
  expect(update('tenovos/assets', 'nowhere.yaml').said).toContain('the packages do not build');
});
