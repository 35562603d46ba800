/** What an editor shows at a method: asked of TypeScript's language service, on the declarations as they are published. */

import { fileURLToPath } from 'node:url';
import ts from 'typescript5';
import { beforeAll, expect, test } from 'vitest';

const text = `
import { createEgainAttachmentClient, createEgainConversationClient } from '@asset-clients/egain';
import { createClient } from '@asset-clients/runtime';
import { createTenovosClient } from '@asset-clients/tenovos';
import { createWorldServerClient } from '@asset-clients/worldserver';
import { operations } from '../../codegen/fixtures/generated/kitchen-sink/index.js';
const dam = createTenovosClient({ baseUrl: '', apiKey: '', username: '', password: '' });
const chat = createEgainConversationClient({ baseUrl: '', auth: '' });
const mail = createEgainAttachmentClient({ baseUrl: '', auth: '' });
const tms = createWorldServerClient({ baseUrl: '', username: '', password: '' });
const own = createClient(operations, { baseUrl: '' });
dam.retrieveAsset;
dam.downloadAsset;
chat.deleteAsset;
mail.generateDownloadAttachmentURL;
tms.getTasks;
own.getPetsByPetId;
`;
const file = fileURLToPath(new URL('hover-sample.ts', import.meta.url));
let service: ts.LanguageService;

beforeAll(() => {
  const host: ts.LanguageServiceHost = {
    ...ts.sys,
    useCaseSensitiveFileNames: () => true,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const source = path === file ? text : ts.sys.readFile(path);
      return source === undefined ? undefined : ts.ScriptSnapshot.fromString(source);
    },
    fileExists: (path) => path === file || ts.sys.fileExists(path),
    getCompilationSettings: () => ({ strict: true, skipLibCheck: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, types: ['node'] }),
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
  };
  service = ts.createLanguageService(host);
});

test('the sample is right', () => {
  expect(service.getSemanticDiagnostics(file).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
});

test.each([
  ['dam.retrieveAsset', 'Returns the details and the metadata of an asset.'],
  ['dam.downloadAsset', 'Opens the original of an asset'],
  ['chat.deleteAsset', 'Delete Asset.'],
  ['mail.generateDownloadAttachmentURL', 'Generate'],
  ['tms.getTasks', 'Get'],
  ['own.getPetsByPetId', 'Read a pet.'],
])('%s tells what it does', (method, words) => {
  const at = text.lastIndexOf(`${method};`) + method.indexOf('.') + 1;
  expect(ts.displayPartsToString(service.getQuickInfoAtPosition(file, at)?.documentation)).toContain(words);
});

test.each(['dam', 'chat', 'mail', 'tms', 'own'])('every operation of %s tells what it does where methods are listed', (client) => {
  const at = text.lastIndexOf(`\n${client}.`) + client.length + 2;
  const names = service.getCompletionsAtPosition(file, at, {})!.entries.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(2);
  const silent = names.filter((name) => (service.getCompletionEntryDetails(file, at, name, {}, undefined, {}, undefined)?.documentation ?? []).length === 0);
  expect(silent).toEqual([]);
});
