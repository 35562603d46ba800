import { CONTENT_SEED, type ContentSeed } from '../core/content.ts';
import type { Rule, Rules } from '../core/given.ts';
import { operations } from './operations.ts';

/** A source or translated file. Content is 1,024 made-up bytes unless given. */
export interface WorldServerFileSeed extends ContentSeed {
  /** File name, for example `guide.docx`. */
  readonly name: string;
}

/** One task with its files. */
export interface WorldServerTaskSeed {
  /** Whole number; tasks, projects and groups are counted separately. */
  readonly id: number;
  readonly projectId?: number;
  readonly source: WorldServerFileSeed;
  /** Absent: not translated yet. */
  readonly target?: WorldServerFileSeed;
  /** For example `{ id: 1031, name: 'German (Germany)' }`. */
  readonly targetLocale?: { readonly id: number; readonly name: string };
  readonly priority?: number;
  /** ISO dates. */
  readonly creationDate?: string;
  readonly dueDate?: string;
  /** Such as `COMPLETED`; by default that where there is a target, else `IN_PROGRESS`. */
  readonly status?: string;
  readonly comment?: string;
}

/** One project. Its files are those of its tasks. */
export interface WorldServerProjectSeed {
  readonly id: number;
  readonly name?: string;
  readonly projectGroupId?: number;
}

/** One project group. Its files are those of its projects. */
export interface WorldServerProjectGroupSeed {
  readonly id: number;
  readonly name?: string;
}

/** A user besides the fake's own. */
export interface WorldServerUserSeed {
  readonly username: string;
  readonly password: string;
  /** Operations that the type of the user does not permit. */
  readonly denied?: readonly string[];
}

/** What the fake starts with. Projects and groups that tasks name come into being by themselves. */
export interface WorldServerSeed {
  readonly tasks?: readonly WorldServerTaskSeed[];
  readonly projects?: readonly WorldServerProjectSeed[];
  readonly projectGroups?: readonly WorldServerProjectGroupSeed[];
  readonly users?: readonly WorldServerUserSeed[];
}

/** The names of a {@link WorldServerFileSeed}. */
export const FILE: Readonly<Record<keyof WorldServerFileSeed, Rule>> = { ...CONTENT_SEED, name: 'any' };
const TASK: Readonly<Record<keyof WorldServerTaskSeed, Rule>> = {
  id: 'any',
  projectId: 'any',
  source: { members: FILE },
  target: { members: FILE },
  targetLocale: { members: { id: 'number', name: 'text' } },
  priority: 'number',
  creationDate: 'text',
  dueDate: 'text',
  status: 'text',
  comment: 'text',
};
/** The names of {@link WorldServerSeed}; ids are checked where they are read. */
export const SEED: Rules = {
  tasks: { list: { members: TASK }, unique: 'id' },
  projects: { list: { members: { id: 'any', name: 'text', projectGroupId: 'any' } } },
  projectGroups: { list: { members: { id: 'any', name: 'text' } } },
  users: { list: { members: { username: 'text', password: 'text', denied: { list: operations } } } },
};
