/** What of each vendor's API is there: one row per operation, from the documents in specs/. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { documents, filesBelow, read, root, vendors } from './repository.ts';
import { code, hasSection, table, type Section } from './sections.ts';

type Json = Readonly<Record<string, unknown>>;

/** An operation of a document. */
interface Covered {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Whether it is one of those that the package is about. */
  readonly isCore: boolean;
  readonly title: string;
  readonly version: string;
  readonly address: string | undefined;
  /** What the client gives: JSON, a `Content`, text, nothing. */
  readonly answers: readonly string[];
  /** Alternatives; absent where it is that of the document. */
  readonly logins: readonly string[] | undefined;
}

/** An operation that is not typed. */
interface Further {
  readonly request: string;
  readonly what: string;
  readonly source: string;
}

const DATA = 'specs/further-operations.yaml';
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/**
 * Which operations each job sends, by document; `login` is what the client does by itself. A test in tools/integration compares this
 * with what fakes saw.
 */
export const JOBS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'egain/conversation': { uploadAsset: ['createAsset', 'getAsset'], downloadAsset: ['getAsset'] },
  'egain/attachments': { downloadAttachment: ['generateDownloadAttachmentURL'] },
  'tenovos/assets': {
    downloadAsset: ['getAssetContent', 'retrieveAsset', 'exposeAssets'],
    'searchKeyword.all': ['searchKeyword'],
    'scanAssets.all': ['scanAssets'],
    login: ['createToken'],
  },
  'worldserver/files': {
    downloadAsset: ['getAsset'],
    uploadFile: ['uploadAssets'],
    'getTasks.all': ['getTasks'],
    login: ['login', 'logout'],
  },
};

const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

function follow(document: Json, node: unknown): Json {
  const { $ref } = object(node);
  if (typeof $ref !== 'string') return object(node);
  return follow(
    document,
    $ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, key) => object(at)[key.replaceAll('~1', '/').replaceAll('~0', '~')], document),
  );
}

/** What the client makes of the successful answers. */
function answersOf(document: Json, responses: Json): string[] {
  const kinds = Object.entries(responses)
    .filter(([status]) => /^(?:2|default$)/.test(status))
    .flatMap(([, response]) => {
      const content = Object.entries(object(follow(document, response)['content']));
      if (content.length === 0) return ['nothing'];
      return content.map(([type, media]) => {
        const schema = follow(document, object(media)['schema']);
        if (schema['format'] === 'binary' || /octet-stream|^\*\/\*|^(?:image|audio|video)\//.test(type)) return code('Content');
        return /json/.test(type) ? 'JSON' : `text (${code(type)})`;
      });
    });
  return [...new Set(kinds)];
}

/** Ways to be let in: where a key goes by its place, OAuth by the name that the vendor gives it. */
function loginsOf(document: Json, requirements: unknown): string[] {
  const alternatives = Array.isArray(requirements) ? (requirements as unknown[]) : [];
  if (alternatives.length === 0) return ['none'];
  const schemes = object(object(document['components'])['securitySchemes']);
  return alternatives.map((alternative) =>
    Object.entries(object(alternative))
      .map(([name, scopes]) => {
        const scheme = follow(document, schemes[name]);
        const shown = scheme['type'] === 'apiKey' ? `${text(scheme['in'])} ${code(scheme['name'])}` : code(name);
        return [shown, ...(scopes as string[]).map((scope) => `with ${code(scope)}`)].join(' ');
      })
      .join(' and '),
  );
}

/** The operations of a document, in its order. */
function operationsOf(document: Json): Covered[] {
  return Object.entries(object(document['paths'])).flatMap(([path, item]) =>
    METHODS.filter((method) => object(item)[method] !== undefined).map((method): Covered => {
      const operation = object(object(item)[method]);
      const source = object(operation['x-source']);
      return {
        id: text(operation['operationId']) || '-',
        method: method.toUpperCase(),
        path: path.split('?', 1)[0]!,
        isCore: operation['x-seed'] !== false,
        title: text(source['page']) || text(operation['summary']) || '-',
        version: text(source['version']),
        address: text(source['address']) || undefined,
        answers: answersOf(document, object(operation['responses'])),
        logins: operation['security'] === undefined ? undefined : loginsOf(document, operation['security']),
      };
    }),
  );
}

function further(): Readonly<Record<string, readonly Further[]>> {
  return existsSync(join(root, DATA)) ? (parse(read(DATA)) as Record<string, Further[]>) : {};
}

/** Requests as code; what is between them stays text. */
function requests(words: string): string {
  return words.replaceAll(/(?:\b[A-Z]+(?:, [A-Z]+)* )?\/[\w/{}]+/g, (request) => code(request)).replaceAll(/\b(?:generate|get)[A-Z]\w+/g, (id) => code(id));
}

/** The function that makes the client of a document: its file has all operations of it. */
function clientOf(vendor: string, api: string): string | undefined {
  return filesBelow(`packages/${vendor}/src`, /client\.ts$/)
    .map(read)
    .filter((source) => new RegExp(`import \\{ operations \\} from '[./]*generated/${api}/index\\.ts'`).test(source))
    .map((source) => /^export function (create\w+Client)\(/m.exec(source)?.[1])
    .find((name) => name !== undefined);
}

function section(vendor: string, heading: string): string {
  const parts = documents()
    .filter(([owner]) => owner === vendor)
    .flatMap(([, api]) => {
      const name = `${vendor}/${api}`;
      const client = clientOf(vendor, api);
      const document = parse(read(`specs/${name}.yaml`)) as Json;
      const jobs = Object.entries(JOBS[name] ?? {});
      const rows = operationsOf(document).map(({ id, method, path, isCore, title, version, address, answers, logins }) => {
        const users = jobs.filter(([, sent]) => sent.includes(id)).map(([job]) => (job === 'login' ? 'the login' : code(job)));
        return [
          code(id),
          code(`${method} ${path}`),
          `${address === undefined ? title : `[${title}](${address})`}${version === '' ? '' : `, ${version}`}`,
          isCore ? 'core' : 'neighbour',
          answers.join(', '),
          logins?.join(', or ') ?? 'as above',
          users.join(', ') || '-',
        ];
      });
      const others = further()[name] ?? [];
      return [
        `${heading} ${text(object(document['info'])['title'])}`,
        ...(client === undefined ? [] : [`Methods of the client that ${code(client)} makes.`]),
        ...(document['security'] === undefined ? [] : [`Login, where nothing else is said: ${loginsOf(document, document['security']).join(', or ')}.`]),
        table(['method', 'request', "the vendor's page, version", 'role', 'answers', 'login', 'used by'], rows),
        ...(others.length === 0
          ? []
          : [
              'Not typed, reached by `client.request`:',
              table(
                ['request', 'what', 'source'],
                others.map(({ request, what, source }) => [
                  requests(request),
                  what,
                  source.startsWith('https://') ? `[${new URL(source).hostname}](${source})` : source,
                ]),
              ),
            ]),
      ];
    });
  return parts.join('\n\n');
}

const ROLES = '`core`: what the package is about; `neighbour`: what real work with it needs.';
const LEGEND =
  'All other operations of the vendor are reached by ' +
  "`client.request('METHOD /path', { query, body })`, with the same login, retries and errors; each README has an example.";

/** The coverage sections of the READMEs that have marks for them. */
export function coverageSections(): readonly Section[] {
  return vendors()
    .map((vendor): Section => ({ path: `packages/${vendor}/README.md`, name: 'coverage', text: `${ROLES}\n\n${section(vendor, '###')}` }))
    .filter(({ path, name }) => hasSection(path, name));
}

/** docs/coverage.md as it must be, before it is formatted. */
export function coveragePage(): string {
  return [
    '# Coverage',
    '<!-- Written by `pnpm docs:tables` from the documents in specs/. Do not edit. -->',
    `What each client has of its vendor's API, and what else the vendor's public pages name. ${ROLES} ${LEGEND}`,
    ...vendors().flatMap((vendor) => [`## ${vendor}`, section(vendor, '###')]),
    '',
  ].join('\n\n');
}
