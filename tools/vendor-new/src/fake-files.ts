/** The files of a fake: every operation answers a sample until it is taught what the vendor really does. */

import { codeOf, commentOf, type NewApi } from './new-api.ts';
import type { Files } from './vendor-files.ts';

/** `packages/testing/src/<id>/`. */
export function fakeFiles(api: NewApi): Files {
  const { names } = api;
  // Webhooks alone: nothing of theirs can be asked.
  if (api.operations.length === 0) return {};
  const home = `packages/testing/src/${names.id}`;
  return {
    [`${home}/operations.ts`]: operationsFile(api),
    [`${home}/answers.ts`]: answersFile(api),
    [`${home}/handlers.ts`]: handlersFile(api),
    [`${home}/state.ts`]: stateFile(api),
    [`${home}/model.ts`]: modelFile(api),
    [`${home}/fake.ts`]: fakeFile(api),
    [`${home}/index.ts`]: indexFile(api),
    [`${home}/${names.id}.test.ts`]: testFile(api),
  };
}

function operationsFile({ names, operations }: NewApi): string {
  const ids = operations.map(({ id }) => codeOf(id));
  return `/** What calls of the ${names.title} fake are called in \`calls\` and in \`faults.add\`. */
export type ${names.type}Operation =
${ids.map((id) => `  | ${id}`).join('\n')}
  /** The request to where \`fault.redirect()\` points. */
  | 'redirected';

export const operations: readonly ${names.type}Operation[] = [${[...ids, "'redirected'"].join(', ')}];
`;
}

function answersFile({ names, operations }: NewApi): string {
  const rows = operations.map(({ id, answer }) => {
    const { status, json, text, headers, unchecked } = answer;
    const members = [
      `status: ${status}`,
      ...('json' in answer ? [`json: ${codeOf(json)}`] : []),
      ...(text === undefined ? [] : [`text: ${codeOf(text)}`]),
      ...(headers === undefined ? [] : [`headers: ${codeOf(headers)}`]),
      ...(unchecked === undefined ? [] : ['unchecked: true']),
    ];
    return `${unchecked ? "  // No sample was found that keeps the document's own rules: not checked.\n" : ''}  ${codeOf(id)}: { ${members.join(', ')} },`;
  });
  return `import type { Answer } from '../core/wire.ts';
import type { ${names.type}Operation } from './operations.ts';

/** Answers made of the document's examples and types: what an operation says until it has a handler of its own. */
export const answers: Readonly<Record<Exclude<${names.type}Operation, 'redirected'>, Answer>> = {
${rows.join('\n')}
};
`;
}

function handlersFile({ names, operations, schemes }: NewApi): string {
  const open = operations.filter(({ isPublic }) => isPublic || schemes.length === 0).map(({ id }) => codeOf(id));
  return `import type { Exchange, Handler } from '../core/engine.ts';
import type { Answer } from '../core/wire.ts';
import { answers } from './answers.ts';
import type { ${names.type}Operation } from './operations.ts';
import type { ${names.type}State } from './state.ts';

type ${names.type}Exchange = Exchange<${names.type}Operation, ${names.type}State>;
type Documented = Exclude<${names.type}Operation, 'redirected'>;

/** Operations that the document opens to everybody. */
const OPEN: ReadonlySet<string> = new Set<Documented>([${open.join(', ')}]);

/** An error in a common form; replace it by the vendor's own. */
export function ${names.value}Error(status: number, message: string): Answer {
  return { status, json: { code: String(status), message }, unchecked: true };
}

/** What was seeded for the operation, else its sample. Asks for a credential where the document does. */
async function documented(x: ${names.type}Exchange): Promise<Answer> {
  const operation = x.call.operation as Documented;
  // Read, so that the body is checked against the document.
  if (/json/i.test(x.header('content-type') ?? '')) await x.json();
  if (!OPEN.has(operation) && x.call.credentials.length === 0) return ${names.value}Error(401, 'The request carries none of the credentials that the document asks for.');
  const sample = answers[operation];
  if (!x.state.answers.has(operation)) return sample;
  const { status, headers } = sample;
  const seeded = x.state.answers.get(operation);
  return headers === undefined ? { status, json: seeded } : { status, headers, text: typeof seeded === 'string' ? seeded : JSON.stringify(seeded) };
}

/** One handler for each operation. To make one behave as the vendor's page says, write a function and put it here. */
export const handlers: Readonly<Record<Documented, Handler<${names.type}Operation, ${names.type}State>>> = {
${operations.map(({ id }) => `  ${codeOf(id)}: documented,`).join('\n')}
};
`;
}

function stateFile({ names }: NewApi): string {
  return `import type { Random } from '../core/random.ts';
import { Secrets } from '../core/secrets.ts';
import type { ${names.type}Seed } from './fake.ts';

/** All that the fake knows. */
export class ${names.type}State {
  /** The credential that \`clientOptions\` carries: made up, other in every fake. */
  readonly secret: string;
  /** What must not show, and must not reach another host. */
  readonly secrets: Secrets = new Secrets();
  /** Operation to the JSON that it answers instead of its sample. */
  readonly answers: Map<string, unknown> = new Map();

  constructor(random: Random) {
    this.secret = \`fake-\${random.hex(24)}\`;
    this.secrets.add(this.secret);
  }

  add(seed: ${names.type}Seed): void {
    for (const [operation, answer] of Object.entries(seed.answers ?? {})) this.answers.set(operation, answer);
  }
}
`;
}

function modelFile({ names, basePath, schemes }: NewApi): string {
  const headers = [...new Set(['authorization', 'cookie', ...schemes.flatMap(({ header }) => header ?? [])])];
  const query = [...new Set(schemes.flatMap(({ query: name }) => name ?? []))];
  return `import spec from '../../../../specs/${names.vendor}/${names.api}.yaml';
import { documentedRoutes } from '../core/documented.ts';
import type { Model } from '../core/engine.ts';
import { handlers, ${names.value}Error } from './handlers.ts';
import { operations, type ${names.type}Operation } from './operations.ts';
import type { ${names.type}State } from './state.ts';

export const BASE_PATH = ${codeOf(basePath)};

/** ${commentOf(names.title)}, as the engine sees it. */
export const model: Model<${names.type}Operation, ${names.type}State> = {
  vendor: '${names.id}',
  title: ${codeOf(names.title)},
  operations,
  hosts: { api: ['https://${names.id}.test'], token: [], storage: [], elsewhere: ['https://elsewhere.${names.id}.test'] },
  routes: documentedRoutes(spec, BASE_PATH, handlers),
  credentials: { headers: ${codeOf(headers)}, query: ${codeOf(query)} },
  requiredHeaders: false,
  extraStatuses: [400, 401, 403, 404, 429, 500, 502, 503, 504],
  errorAnswer: (_exchange, status, message) => ${names.value}Error(status, message ?? 'A planned failure'),
  // No signed addresses, sessions or files are known of this vendor yet: such faults report that they found nothing.
  expireUrl: () => false,
  expireSession: () => false,
  changeContent: () => false,
  secrets: (state) => ({ credentials: state.secrets }),
};
`;
}

function fakeFile({ names, schemes }: NewApi): string {
  const auth = schemes.map(({ name, isBasic }) => `${codeOf(name)}: ${isBasic ? "{ username: 'fake-user', password: secret }" : 'secret'}`);
  const types = schemes.map(
    ({ name, isBasic }) => `  readonly ${codeOf(name)}: ${isBasic ? '{ readonly username: string; readonly password: string }' : 'string'};`,
  );
  return `import type { FakeClock } from '../core/clock.ts';
import { Engine, FAKE_OPTIONS, type FakeOptions } from '../core/engine.ts';
import { disposable, FakeBase, type Fake, type FakeServer } from '../core/fake.ts';
import type { FakeFetch } from '../core/fetch.ts';
import { checkGiven, type Rule, type Rules } from '../core/given.ts';
import type { ListenOptions } from '../core/server.ts';
import { BASE_PATH, model } from './model.ts';
import { operations, type ${names.type}Operation } from './operations.ts';
import { ${names.type}State } from './state.ts';

/** What the fake starts with. */
export interface ${names.type}Seed {
  /** Operation to the JSON that it answers instead of its sample; checked against the document when it is asked for. */
  readonly answers?: Readonly<Partial<Record<Exclude<${names.type}Operation, 'redirected'>, unknown>>>;
}

/** The names of {@link ${names.type}Seed}. */
const SEED: Rules = { answers: { members: Object.fromEntries(operations.filter((one) => one !== 'redirected').map((one): [string, Rule] => [one, 'any'])) } };

/** Options of {@link createFake${names.type}}. */
export interface Fake${names.type}Options extends FakeOptions, ${names.type}Seed {}

/** A credential for each security scheme of the document. */
export interface ${names.type}FakeCredentials {
${types.join('\n')}
}

/** What \`create${names.type}Client\` takes. */
export interface ${names.type}ClientOptions {
  readonly baseUrl: string;
${schemes.length === 0 ? '' : `  readonly auth: ${names.type}FakeCredentials;\n`}  readonly trustedOrigins: readonly string[];
  readonly clock: FakeClock;
}

/** Servers of a ${names.title} fake. */
export interface Fake${names.type}Server extends FakeServer {
  readonly baseUrl: string;
  readonly clientOptions: ${names.type}ClientOptions;
}

/** A fake of ${commentLine(names.title)}. */
export interface Fake${names.type} extends Fake<${names.type}Operation> {
  readonly baseUrl: string;
  /** \`create${names.type}Client(fake.clientOptions)\` is a client of this fake. */
  readonly clientOptions: ${names.type}ClientOptions & { readonly fetch: FakeFetch };
  /** Sets answers; one for an operation that has one takes its place. */
  seed(seed: ${names.type}Seed): void;
  /** Starts it on a free port of 127.0.0.1. */
  listen(options?: ListenOptions): Promise<Fake${names.type}Server>;
}

/**
 * Makes a fake of ${commentLine(names.title)}: each operation answers a sample that fits its document, or what was seeded. It keeps no state.
 *
 * @throws TypeError for an answer to an operation that there is not.
 */
export function createFake${names.type}(options: Fake${names.type}Options = {}): Fake${names.type} {
  checkGiven('createFake${names.type}(options)', options, { ...SEED, ...FAKE_OPTIONS });
  const engine = new Engine(model, (random) => new ${names.type}State(random), options);
  engine.state.add(options);
  return new ${names.type}(engine);
}

class ${names.type} extends FakeBase<${names.type}Operation, ${names.type}State> implements Fake${names.type} {
  get baseUrl(): string {
    return \`\${this.engine.origins.api}\${BASE_PATH}\`;
  }

  get clientOptions(): ${names.type}ClientOptions & { readonly fetch: FakeFetch } {
    return { ...this.#options(this.baseUrl), fetch: this.fetch };
  }

  seed(seed: ${names.type}Seed): void {
    checkGiven('seed(...)', seed, SEED);
    this.engine.state.add(seed);
  }

  async listen(options: ListenOptions = {}): Promise<Fake${names.type}Server> {
    const listening = await this.start(options);
    const baseUrl = \`\${listening.origins.api}\${BASE_PATH}\`;
    return disposable({ baseUrl, clientOptions: this.#options(baseUrl), env: { ${names.env}_BASE_URL: baseUrl${schemes.length === 0 ? '' : `, ${names.env}_SECRET: this.engine.state.secret`} } }, listening);
  }

  #options(baseUrl: string): ${names.type}ClientOptions {
${schemes.length === 0 ? '' : '    const { secret } = this.engine.state;\n'}    return { baseUrl, ${auth.length === 0 ? '' : `auth: { ${auth.join(', ')} }, `}trustedOrigins: [], clock: this.clock };
  }
}
`;
}

const commentLine = (title: string): string => commentOf(title);

function indexFile({ names }: NewApi): string {
  return `export { fault, Fault, type FaultPlan, type FaultWords, type PendingFault, type StatusFaultOptions } from '../core/faults.ts';
export { FakeError } from '../core/engine.ts';
export type { FakeCall, HostRole } from '../core/calls.ts';
export type { ClockMode, Duration, FakeClock } from '../core/clock.ts';
export type { FakeOptions } from '../core/engine.ts';
export type { Fake, FakeServer } from '../core/fake.ts';
export type { FakeFetch } from '../core/fetch.ts';
export type { ListenOptions } from '../core/server.ts';
export { createFake${names.type} } from './fake.ts';
export type { Fake${names.type}, Fake${names.type}Options, Fake${names.type}Server, ${names.type}ClientOptions, ${names.type}FakeCredentials, ${names.type}Seed } from './fake.ts';
export type { ${names.type}Operation } from './operations.ts';
`;
}

function testFile({ names, operations, schemes }: NewApi): string {
  const first = operations.find(({ path, isPublic }) => !isPublic && !path.includes('{'));
  const json = operations.find(
    ({ answer, path, method, params }) =>
      'json' in answer && answer.unchecked === undefined && !path.includes('{') && method === 'GET' && params !== undefined && Object.keys(params).length === 0,
  );
  return `import { expect, test } from 'vitest';

${first === undefined ? '' : "import { fault } from '../core/faults.ts';\n"}import { answers } from './answers.ts';
import { createFake${names.type} } from './fake.ts';
import { handlers } from './handlers.ts';
import { operations } from './operations.ts';

test('each operation has a handler and a sample, and no two fakes share a credential', async () => {
  await using fake = createFake${names.type}();
  await using other = createFake${names.type}();
  expect([...Object.keys(handlers), 'redirected']).toEqual(operations);
  expect(Object.keys(answers)).toEqual(Object.keys(handlers));
  expect(JSON.stringify(fake.clientOptions.baseUrl)).toBe(JSON.stringify(other.clientOptions.baseUrl));
${schemes.length === 0 ? '' : '  expect(fake.clientOptions.auth).not.toEqual(other.clientOptions.auth);\n'}});

test('an unknown route fails loudly', async () => {
  await using fake = createFake${names.type}();
  await expect(fake.fetch(\`\${fake.baseUrl}/no-such-path-of-this-vendor\`)).rejects.toThrow('No operation of the');
  expect(fake.problems).toHaveLength(1);
});

test('an answer to an operation that there is not is refused', () => {
  expect(() => createFake${names.type}({ answers: { nobody: 1 } as never })).toThrow("has no 'nobody'");
});
${
  first === undefined
    ? ''
    : `
test('without a credential the answer is 401, and a planned fault comes first', async () => {
  await using fake = createFake${names.type}({ strict: false });
  fake.faults.add(${codeOf(first.id)}, fault.status(503));
  const url = \`\${fake.baseUrl}${first.path}\`;
  expect((await fake.fetch(url, { method: '${first.method}' })).status).toBe(503);
  expect((await fake.fetch(url, { method: '${first.method}' })).status).toBe(401);
  expect(fake.calls.map(({ operation }) => operation)).toEqual([${codeOf(first.id)}, ${codeOf(first.id)}]);
});
`
}${
    json === undefined || (json.isPublic === false && schemes.every(({ header }) => header === undefined))
      ? ''
      : `
test('what was seeded is answered', async () => {
  const seeded = ${codeOf(json.answer.json)};
  await using fake = createFake${names.type}({ answers: { ${codeOf(json.id)}: seeded } });
  const response = await fake.fetch(\`\${fake.baseUrl}${json.path}\`, { headers: { ${codeOf(schemes.find(({ header }) => header !== undefined)?.header ?? 'authorization')}: 'anything' } });
  expect(response.status).toBe(${json.answer.status});
  expect(await response.json()).toEqual(seeded);
});
`
  }`;
}

/** The test of client and fake together, in `tools/integration`. */
export function integrationFiles({ names, operations }: NewApi): Files {
  // Webhooks alone: nothing of theirs can be asked.
  if (operations.length === 0) return {};
  const from = names.isNewVendor ? `@asset-clients/${names.vendor}` : `@asset-clients/${names.vendor}/${names.api}`;
  const sockets = operations.filter(({ needsSocket }) => needsSocket).map(({ id }) => codeOf(id));
  const missing = operations.filter(({ params }) => params === undefined).map(({ id }) => codeOf(id));
  return {
    [`tools/integration/test/${names.id}.test.ts`]: `/** The ${names.title} client against its fake: every operation, in process and over a socket. */

import { describe, expect, test } from 'vitest';

import { ApiError, create${names.type}Client } from '${from}';
import * as operations from '${from}/operations';
import { createFake${names.type} } from '@asset-clients/testing/${names.id}';

/** Arguments made of the document's examples and types. */
const ARGUMENTS: Readonly<Record<string, Record<string, unknown>>> = {
${operations
  .filter(({ params }) => params !== undefined)
  .map(({ id, params }) => `  ${codeOf(id)}: ${codeOf(params)},`)
  .join('\n')}
};
${missing.length === 0 ? '' : `/** No arguments were found that keep the document's own rules: write them by hand. */\nconst WITHOUT_ARGUMENTS: readonly string[] = [${missing.join(', ')}];\n`}
${
  sockets.length === 0
    ? ''
    : `/** A GET with a body cannot pass through a fetch function; the client says so. */
const ONLY_BY_SOCKET: readonly string[] = [${sockets.join(', ')}];
`
}
type Call = (params: Record<string, unknown>) => PromiseLike<unknown> & { withResponse(): Promise<{ status: number }> };

test('every operation with a path has arguments', () => {
  const withPath = Object.values(operations).filter((operation) => !('webhook' in operation && operation.webhook === true));
  expect(Object.keys(ARGUMENTS)${missing.length === 0 ? '' : '.concat(WITHOUT_ARGUMENTS)'}.toSorted()).toEqual(withPath.map(({ id }) => id).toSorted());
});

describe.each(['in process', 'over a socket'])('%s', (shape) => {
  test.each(Object.entries(ARGUMENTS))('%s reaches the fake and comes back with a documented status', async (id, params) => {
    await using fake = createFake${names.type}();
    const options = shape === 'in process' ? fake.clientOptions : (await fake.listen()).clientOptions;
    await using client = create${names.type}Client(options);
    const call = (client as unknown as Record<string, Call>)[id]!(params);
${
  sockets.length === 0
    ? ''
    : `    if (shape === 'in process' && ONLY_BY_SOCKET.includes(id)) return await expect(call).rejects.toMatchObject({ kind: 'unsupported', outcome: 'not-sent' });
`
}    const { status } = await call.withResponse();
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(300);
    expect(fake.calls.map((call) => [call.operation, call.status])).toEqual([[id, status]]);
    expect(fake.problems).toEqual([]);
  });
});

test('a wrong argument is refused before any request', async () => {
  await using fake = createFake${names.type}();
  await using client = create${names.type}Client(fake.clientOptions);
  for (const id of Object.keys(ARGUMENTS)) {
    const error = await (client as unknown as Record<string, Call>)[id]!({ noSuchArgument: 1 }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(ApiError.is(error) && error.kind, id).toBe('invalid-request');
  }
  expect(fake.calls).toEqual([]);
});
`,
  };
}
