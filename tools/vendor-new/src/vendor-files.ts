/** The files of a vendor's package, or of a new API in one: the common shape of all of them. */

import type { Names } from './names.ts';
import { codeOf, commentOf, type NewApi } from './new-api.ts';

/** Path in the repository to content. */
export type Files = Record<string, string>;

const REEXPORTS = `export {
  anyBody,
  ApiError,
  createClient,
  safeFileName,
  type ApiCall,
  type ApiErrorOf,
  type ApiResponse,
  type AuthStrategy,
  type BinaryBody,
  type CallOptions,
  type Client,
  type ClientOptions,
  type Clock,
  type Content,
  type ErrorKind,
  type ErrorOutcome,
  type FileOptions,
  type FileReceipt,
  type Logger,
  type RequestEvent,
  type SessionStore,
  type SizedSource,
  type TransferEvent,
  type TransferProgress,
  type TransferReceipt,
  type VendorProfile,
} from '@asset-clients/runtime';
`;

/** The sources of a client: `src/` of a new package, `src/<api>/` in one that is there. */
export function clientFiles(api: NewApi): Files {
  const { names } = api;
  const home = names.isNewVendor ? `packages/${names.vendor}/src` : `packages/${names.vendor}/src/${names.api}`;
  return {
    [`${home}/index.ts`]: indexFile(api),
    [`${home}/client.ts`]: clientFile(api),
    [`${home}/auth.ts`]: authFile(api),
    [`${home}/errors.ts`]: errorsFile(api),
    [`${home}/operations.ts`]: `/** The operations on their own: \`createClient({ ${api.operations[0]?.id ?? api.webhooks[0] ?? 'operation'} }, options)\` leaves all others out of a bundle. */

export * from '${generated(names)}/operations.ts';
`,
    [`${home}/client.test.ts`]: clientTest(api),
  };
}

/** What a package needs besides its sources. */
export function packageFiles(api: NewApi): Files {
  const { names } = api;
  const home = `packages/${names.vendor}`;
  return {
    [`${home}/package.json`]: `${JSON.stringify(
      {
        name: `@asset-clients/${names.vendor}`,
        version: '1.0.0',
        description: `Typed client for ${names.title}. Unofficial.`,
        keywords: ['api-client', names.vendor, 'openapi'].toSorted(),
        homepage: `https://github.com/asset-clients/asset-clients/tree/main/${home}#readme`,
        bugs: { url: 'https://github.com/asset-clients/asset-clients/issues' },
        license: 'MIT',
        repository: { type: 'git', url: 'git+https://github.com/asset-clients/asset-clients.git', directory: home },
        files: ['dist', 'CHANGELOG.md'],
        type: 'module',
        sideEffects: false,
        exports: {
          '.': { types: './dist/index.d.ts', default: './dist/index.js' },
          './operations': { types: './dist/operations.d.ts', default: './dist/operations.js' },
          './node': { types: './dist/node.d.ts', default: './dist/node.js' },
          './package.json': './package.json',
        },
        scripts: {
          build: 'tsdown',
          test: 'vitest run --testTimeout=120000 --hookTimeout=120000 --reporter=default --reporter=json --outputFile.json=reports/vitest.json',
          typecheck: 'tsc --noEmit',
        },
        dependencies: { '@asset-clients/runtime': 'workspace:^' },
        devDependencies: { '@types/node': 'catalog:' },
        engines: { node: '>=22.19' },
      },
      undefined,
      2,
    )}\n`,
    [`${home}/tsconfig.json`]: `{
  "extends": "../../tools/config/tsconfig.base.json",
  "include": ["src", "*.ts"]
}
`,
    [`${home}/tsdown.config.ts`]: `import type { UserConfig } from 'tsdown';

import { packageBuild } from '../../tools/config/package-build.ts';

const config: UserConfig = packageBuild({ entry: ['src/index.ts', 'src/node.ts', 'src/operations.ts'] });

export default config;
`,
    [`${home}/src/node.ts`]: `/** Files to upload, for Node, Bun and Deno. */

export { fileSource } from '@asset-clients/runtime/node';
`,
    [`${home}/README.md`]: `# @asset-clients/${names.vendor}

A typed client for ${names.title}. Unofficial, not affiliated with its vendor; generated from ${api.sourceName}, never run against a live tenant.

\`\`\`sh
npm install @asset-clients/${names.vendor}
\`\`\`

Node 22.19 or newer, current browsers, Bun, Deno and workers; TypeScript 5.7 or newer ([settings](../runtime/README.md#typescript)). The
examples are ES modules: \`npm pkg set type=module\` after \`npm init\`, or files named \`.mts\`. \`await using\` needs TypeScript, a bundler or
Node 24 (Node 22 says \`SyntaxError: Unexpected identifier\`); elsewhere call \`close()\` in \`finally\`.

${readmeSection(api)}
## Coverage

What else the vendor has is reached by \`client.request('METHOD /path', { query, body })\`, with the same login, retries and errors.

<!-- Written by \`pnpm docs:tables\` from the documents in specs/. Do not edit. -->

<!-- End of the coverage. -->

<!-- Written by \`pnpm docs:tables\` from the constants of the source. Do not edit. -->

<!-- End of the tables. -->
`,
  };
}

/** What a README says of an API. */
export function readmeSection(api: NewApi): string {
  const { names } = api;
  const { operations, webhooks, schemes } = api;
  const from = names.isNewVendor ? `@asset-clients/${names.vendor}` : `@asset-clients/${names.vendor}/${names.api}`;
  const shown = operations.filter(({ params, answer }) => params !== undefined && 'json' in answer);
  const example = shown.toSorted(
    (a, b) => Object.keys(a.params!).length - Object.keys(b.params!).length || Number(a.method !== 'GET') - Number(b.method !== 'GET'),
  )[0];
  const first =
    example === undefined
      ? ''
      : `Try it without an account (\`npm install -D @asset-clients/testing\`):

<!-- run -->

\`\`\`ts
import { createFake${names.type} } from '@asset-clients/testing/${names.id}';
import { create${names.type}Client } from '${from}';

await using fake = createFake${names.type}();
await using client = create${names.type}Client(fake.clientOptions); // for real: { baseUrl${schemes.length > 0 ? ', auth' : ''} }

console.log(await client.${example.id}(${Object.keys(example.params!).length === 0 ? '' : codeOf(example.params)}));
\`\`\`

`;
  const auth =
    schemes.length === 0
      ? 'The document names no credentials; `auth` takes a token, a function that gives one, or a strategy.\n'
      : `\`auth\` is a token, a function that gives one, a strategy, or one value for each security scheme of the document:

| scheme | what it is |
| --- | --- |
${schemes.map(({ name, kind }) => `| \`${commentOf(name).replaceAll('|', '\\|')}\` | ${kind.replaceAll('|', '\\|')} |`).join('\n')}
`;
  return `${first}## Credentials

${auth}
## Operations

${operations.length} operations${webhooks.length > 0 ? ` and ${webhooks.length} webhooks` : ''} of the document, each a method of the client under its \`operationId\`; \`client.request('GET /path')\`
reaches everything else.

| method | request |
| --- | --- |
${operations.map(({ id, method, path }) => `| \`${id}\` | \`${method} ${commentOf(path).replaceAll('|', '\\|')}\` |`).join('\n')}
${webhooks.map((id) => `| \`${id}\` | webhook: a call posts the event to \`baseUrl\` |\n`).join('')}`;
}

const generated = ({ isNewVendor, api }: Names): string => (isNewVendor ? `./generated/${api}` : `../generated/${api}`);

function indexFile(api: NewApi): string {
  const { names } = api;
  return `/** A typed client for ${commentOf(names.title)}. Unofficial: not affiliated with its vendor. */

export { ${names.value}Auth, type ${names.type}Auth, type ${names.type}Credentials } from './auth.ts';
export { create${names.type}Client, type ${names.type}Client, type ${names.type}ClientOptions } from './client.ts';
export { ${names.value}Errors, ${names.value}Profile, ${names.value}Retry } from './errors.ts';
export type * from '${generated(names)}/models.ts';
export type * from '${generated(names)}/operations.ts';
${REEXPORTS}`;
}

function clientFile(api: NewApi): string {
  const { names, baseUrl } = api;
  return `import { bindOperations, connect, type Client, type ClientOptions } from '@asset-clients/runtime';

import { ${names.value}Auth, type ${names.type}Auth } from './auth.ts';
import { ${names.value}Profile } from './errors.ts';
import { operations } from '${generated(names)}/index.ts';

/** Options of {@link create${names.type}Client}. */
export type ${names.type}ClientOptions = Omit<ClientOptions, 'auth'> & {
  /** Address of the API${baseUrl === undefined ? '' : `, such as \`${commentOf(baseUrl)}\``}. */
  readonly baseUrl: string;
  readonly auth?: ${names.type}Auth | undefined;
};

/**
 * The ${commentOf(names.title)} client: one method per operation.
 *
 * @interface
 */
export type ${names.type}Client = Client<typeof operations>;

/**
 * A client of ${commentOf(names.title)}.
 *
 * @throws ApiError of kind \`invalid-request\` naming the option that is wrong.
 */
export function create${names.type}Client(options: ${names.type}ClientOptions): ${names.type}Client {
  const connection = connect({ ...options, auth: undefined }, ${names.value}Profile, {
    operation: 'create${names.type}Client',
    strategy: () => ${names.value}Auth(options.auth),
    hint: 'Give auth: a token, a function that gives one, a strategy, or values by security scheme.',
  });
  return bindOperations(connection, operations);
}
`;
}

function authFile(api: NewApi): string {
  const { names, schemes } = api;
  const members = schemes.map(
    ({ name, kind, isBasic }) =>
      `  /** ${commentOf(kind)} */\n  readonly ${codeOf(name)}?: ${isBasic ? '{ readonly username: string; readonly password: string }' : 'TokenSource'} | undefined;`,
  );
  return `import { credentials, toAuthStrategy, type AuthOption, type AuthStrategy, type Credentials${schemes.some(({ isBasic }) => !isBasic) ? ', type TokenSource' : ''} } from '@asset-clients/runtime';

/** Credentials by the security schemes of the document. */
export interface ${names.type}Credentials {
${members.join('\n')}
}

/** A token, a function that gives one, a strategy, or credentials by security scheme. */
export type ${names.type}Auth = AuthOption | ${names.type}Credentials;

const SCHEMES: readonly string[] = [${schemes.map(({ name }) => codeOf(name)).join(', ')}];

/**
 * Makes a strategy of what \`auth\` takes; fits \`createClient\` with a subset of the operations.
 *
 * @throws TypeError for a scheme that the document does not have.
 */
export function ${names.value}Auth(auth: ${names.type}Auth | undefined): AuthStrategy | undefined {
  if (typeof auth !== 'object' || auth === null || 'authorize' in auth) return toAuthStrategy(auth);
  const given = Object.entries(auth).filter(([, value]) => value !== undefined);
  for (const [name] of given) {
    if (!SCHEMES.includes(name)) throw new TypeError(\`auth has \${JSON.stringify(name)}, which is no security scheme of ${commentOf(names.title)}: \${SCHEMES.join(', ') || 'there are none'}\`);
  }
  if (given.length === 0) throw new TypeError('auth is empty');
  return credentials(Object.fromEntries(given) as Credentials);
}
`;
}

function errorsFile(api: NewApi): string {
  const { names, errorRows, sourceName } = api;
  return `import type { ErrorRow, RetryTable, VendorProfile } from '@asset-clients/runtime';
${errorRows.length === 0 ? '' : `\nconst SOURCE = ${codeOf(sourceName)};\n`}
/** What the error answers of ${commentOf(names.title)} mean, as its document says; the first row that fits decides. */
export const ${names.value}Errors: readonly ErrorRow[] = [
${errorRows.map(({ status, kind, hint }) => `  { status: ${status}, kind: '${kind}', hint: ${codeOf(hint)}, source: SOURCE },`).join('\n')}
];

/** What is asked again, before the general rules: nothing else is known of this vendor yet. */
export const ${names.value}Retry: RetryTable = [];

/** What a client has to know of ${commentOf(names.title)} to tell its errors: for \`createClient\` with a subset of the operations. */
export const ${names.value}Profile: VendorProfile = { vendor: '${names.vendor}', errors: ${names.value}Errors, retry: ${names.value}Retry };
`;
}

function clientTest(api: NewApi): string {
  const { names, schemes, operations, webhooks } = api;
  return `import { ApiError } from '@asset-clients/runtime';
import { expect, test } from 'vitest';

import { create${names.type}Client } from './client.ts';
import { ${names.value}Errors } from './errors.ts';
import { operations } from '${generated(names)}/index.ts';

const baseUrl = 'https://api.example.com';

function refusal(options: object): ApiError {
  try {
    create${names.type}Client(options as never);
  } catch (error) {
    if (ApiError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('each operation of the document is a method', async () => {
  await using client = create${names.type}Client({ baseUrl });
  expect(Object.keys(operations)).toHaveLength(${operations.length + webhooks.length});
  for (const id of Object.keys(operations)) expect(typeof (client as unknown as Record<string, unknown>)[id], id).toBe('function');
});

test('wrong options are refused before any request, by name', () => {
  expect(refusal({})).toMatchObject({ kind: 'invalid-request', outcome: 'not-sent' });
  expect(refusal({}).message).toContain('baseUrl');
  expect(refusal({ baseUrl, auth: '' }).message).toContain('auth');
  expect(refusal({ baseUrl, auth: { nobody: 'knows' } }).message).toContain('nobody');
${schemes.length === 0 ? '' : `  expect(refusal({ baseUrl, auth: {} }).message).toContain('auth');\n`}});

test('every row of the error table can be reached and says what to do', () => {
  expect(${names.value}Errors.every(({ hint }) => hint.length > 0)).toBe(true);
  expect(new Set(${names.value}Errors.map(({ status }) => status)).size).toBe(${names.value}Errors.length);
});
`;
}
