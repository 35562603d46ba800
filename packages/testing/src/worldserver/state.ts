import { BytesSource, ChangedSource, sourceOf, type Source } from '../core/content.ts';
import type { Random } from '../core/random.ts';
import { Secrets } from '../core/secrets.ts';
import type { WorldServerAssumptions } from './assumptions.ts';
import type {
  WorldServerFileSeed,
  WorldServerProjectGroupSeed,
  WorldServerProjectSeed,
  WorldServerSeed,
  WorldServerTaskSeed,
  WorldServerUserSeed,
} from './seed.ts';

const DEFAULT_BYTES = 1024;
/** Uploads beyond this are counted and hashed, not kept. */
export const KEPT_UPLOAD_BYTES: number = 64 * 1024 * 1024;

/** A source or translated file. */
export interface StoredFile {
  readonly name: string;
  readonly path: string;
  source: Source;
}

/** A task with its files. */
export interface StoredTask {
  readonly seed: WorldServerTaskSeed;
  readonly id: number;
  readonly projectId: number;
  readonly source: StoredFile;
  target: StoredFile | undefined;
}

/** A login. */
export interface Session {
  readonly id: string;
  readonly user: WorldServerUserSeed;
  readonly started: number;
  used: number;
  over: boolean;
}

/** A file that was uploaded. */
export interface UploadedFile {
  readonly name: string;
  readonly internalName: string;
  readonly size: number;
  readonly created: number;
  readonly downloadToken: string;
  readonly contentType: string | undefined;
  readonly sha256: string | undefined;
  /** `undefined` where it was too large to be kept. */
  readonly source: Source | undefined;
}

/** All that the fake knows. */
export class WorldServerState {
  readonly assumptions: WorldServerAssumptions;
  readonly random: Random;
  readonly username: string;
  readonly password: string;
  readonly users: Map<string, WorldServerUserSeed> = new Map();
  readonly tasks: Map<number, StoredTask> = new Map();
  readonly projects: Map<number, WorldServerProjectSeed> = new Map();
  readonly groups: Map<number, WorldServerProjectGroupSeed> = new Map();
  readonly sessions: Map<string, Session> = new Map();
  readonly uploads: Map<string, UploadedFile> = new Map();
  readonly secrets: Secrets = new Secrets();
  changes = 0;

  constructor(assumptions: WorldServerAssumptions, random: Random) {
    if (assumptions.archiveFormat !== 'zip')
      throw new TypeError(`The WorldServer fake can make zip archives only, not archiveFormat '${assumptions.archiveFormat}'.`);
    this.assumptions = assumptions;
    this.random = random;
    this.username = 'fake.user';
    this.password = `fake-password-${random.hex(12)}`;
    this.add({ users: [{ username: this.username, password: this.password }] });
  }

  add(seed: WorldServerSeed): void {
    for (const group of seed.projectGroups ?? []) this.groups.set(idOf('project group', group.id), group);
    for (const project of seed.projects ?? []) this.#project(project);
    for (const task of seed.tasks ?? []) {
      const id = idOf('task', task.id);
      const projectId = task.projectId ?? 1;
      if (!this.projects.has(projectId)) this.#project({ id: projectId });
      this.tasks.set(id, {
        seed: task,
        id,
        projectId,
        source: file(task.source, `source:${id}`, 'Source'),
        target: task.target === undefined ? undefined : file(task.target, `target:${id}`, task.targetLocale?.name ?? 'Target'),
      });
    }
    for (const user of seed.users ?? []) {
      this.users.set(user.username, user);
      this.secrets.add(user.password);
    }
  }

  #project(project: WorldServerProjectSeed): void {
    const groupId = project.projectGroupId ?? 1;
    this.projects.set(idOf('project', project.id), { ...project, projectGroupId: groupId });
    if (!this.groups.has(groupId)) this.groups.set(groupId, { id: groupId });
  }

  /** A new session. The token is a run of digits longer than a number can hold exactly. */
  login(user: WorldServerUserSeed, now: number): Session {
    const session: Session = { id: this.random.digits(19), user, started: now, used: now, over: false };
    this.sessions.set(session.id, session);
    this.secrets.add(session.id);
    return session;
  }

  /** When a session ends if it is not used any more. */
  endOf(session: Session): number {
    const { idleTimeoutSeconds: idle, absoluteTimeoutSeconds: absolute } = this.assumptions;
    const end = session.used + idle * 1000;
    // An absolute limit below the idle one counts as the idle one.
    return absolute > 0 ? Math.min(end, session.started + Math.max(absolute, idle) * 1000) : end;
  }

  /** Ids and names of the tasks of a resource; `undefined` where there is no such resource. */
  tasksOf(type: string, id: number): readonly StoredTask[] | undefined {
    if (type === 'TASK') return this.tasks.has(id) ? [this.tasks.get(id)!] : undefined;
    if (type === 'PROJECT') return this.projects.has(id) ? [...this.tasks.values()].filter((task) => task.projectId === id) : undefined;
    return this.groups.has(id) ? [...this.tasks.values()].filter((task) => this.projects.get(task.projectId)?.projectGroupId === id) : undefined;
  }

  /** Puts other bytes of the same number in the place of a file's. */
  change(stored: StoredFile): void {
    stored.source = new ChangedSource(stored.source, ++this.changes);
  }

  /** Stores an uploaded file. */
  store(name: string, bytes: Uint8Array, size: number, contentType: string | undefined, sha256: string | undefined, now: number): UploadedFile {
    const internalName = `${this.random.hex(12)}_${name.replace(/[^\w.-]/g, '_')}`;
    const uploaded: UploadedFile = {
      name,
      internalName,
      size,
      created: now,
      downloadToken: `fake-download-${this.random.hex(24)}`,
      contentType,
      sha256,
      source: bytes.byteLength === size ? new BytesSource(bytes) : undefined,
    };
    this.secrets.add(uploaded.downloadToken);
    this.uploads.set(internalName, uploaded);
    return uploaded;
  }
}

function file(seed: WorldServerFileSeed, identity: string, folder: string): StoredFile {
  if (typeof seed?.name !== 'string' || seed.name === '')
    throw new TypeError(`A file of a WorldServer task needs a name, for example { name: 'guide.docx' } (${identity}).`);
  return { name: seed.name, path: `/Fake/${folder}/${seed.name}`, source: sourceOf(seed, `worldserver:${identity}`, DEFAULT_BYTES) };
}

function idOf(kind: string, id: number): number {
  if (Number.isSafeInteger(id) && id >= 0) return id;
  throw new TypeError(`The id of a ${kind} is a whole number, not ${String(id)}.`);
}
