/** Yesterday, as git knows it. */

import { run } from './workspace.ts';

const git = async (root: string, ...args: readonly string[]): Promise<string | undefined> => {
  const { code, stdout } = await run('git', args, root).catch(() => ({ code: 1, stdout: '' }));
  return code === 0 ? stdout : undefined;
};

/** A file at a commit; undefined when it is not there (or there is no git). */
export async function fileAt(root: string, ref: string, path: string): Promise<string | undefined> {
  return git(root, 'show', `${ref}:${path}`);
}

/** Whether a name is a commit here. */
export async function isCommit(root: string, ref: string): Promise<boolean> {
  return (await git(root, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`)) !== undefined;
}

/** Where this branch left another. */
export async function mergeBase(root: string, ref: string): Promise<string | undefined> {
  return (await git(root, 'merge-base', ref, 'HEAD'))?.trim();
}

export async function isRepository(root: string): Promise<boolean> {
  const top = await git(root, 'rev-parse', '--show-toplevel');
  return top !== undefined;
}

export async function isShallow(root: string): Promise<boolean> {
  return (await git(root, 'rev-parse', '--is-shallow-repository'))?.trim() === 'true';
}

/** The names of the files in a folder at a commit. */
export async function filesAt(root: string, ref: string, folder: string): Promise<string[]> {
  return ((await git(root, 'ls-tree', '--name-only', ref, `${folder}/`)) ?? '').split('\n').filter((line) => line !== '');
}

/** All files below a folder at a commit, with their texts; empty when there is no git. */
export async function textsAt(root: string, ref: string, folder: string): Promise<Map<string, string>> {
  const names = ((await git(root, 'ls-tree', '-r', '--name-only', ref, `${folder}/`)) ?? '').split('\n').filter((line) => line !== '');
  const texts = await Promise.all(names.map(async (name): Promise<[string, string | undefined]> => [name, await fileAt(root, ref, name)]));
  return new Map(texts.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
