/** For tests only: documents in temporary folders, and the steps of the pipeline that need no Java. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { bundleDocument, type Bundle } from './bundle.ts';
import { computeFacts, type Facts } from './facts.ts';
import { normalize, type Api } from './normalize.ts';
import { Repairs } from './report.ts';

const made: string[] = [];

/** A temporary folder with files. */
export function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'codegen-test-'));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** Deletes all folders made in a test. */
export function cleanFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export interface Processed {
  readonly bundle: Bundle;
  readonly api: Api;
  readonly facts: Facts;
  readonly repairs: Repairs;
}

/** Runs a document (text, or an object) through all steps before the generator. */
export function processDocument(document: string | object, others: Record<string, string> = {}, allowFolders: string[] = []): Processed {
  const folder = folderOf({ 'api.yaml': typeof document === 'string' ? document : stringify(document, { aliasDuplicateObjects: false }), ...others });
  const repairs = new Repairs();
  const bundle = bundleDocument(join(folder, 'api.yaml'), { label: 'api.yaml', allowFolders }, repairs);
  const api = normalize(bundle, repairs);
  return { bundle, api, facts: computeFacts(api, bundle.name, repairs), repairs };
}

/** A document with these paths and schemas. */
export function documentOf(parts: { paths?: object; schemas?: object; openapi?: string; more?: object }): object {
  return {
    openapi: parts.openapi ?? '3.0.3',
    info: { title: 'Test', version: '1' },
    paths: parts.paths ?? {},
    components: { schemas: parts.schemas ?? {} },
    ...parts.more,
  };
}
