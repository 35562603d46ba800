/** Reads one YAML or JSON file: leniently where the meaning is clear, with file:line:column where it is not. */

import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { LineCounter, isMap, isNode, isScalar, isSeq, parseDocument, visit, type Document, type Node, type YAMLError } from 'yaml';
import { CodegenError, type Repairs } from './report.ts';

/** A file of a document, parsed. Objects in `data` have no prototype, so that no key of a document is special. */
export interface SourceFile {
  /** Absolute path. */
  readonly path: string;
  /** Path as messages show it. */
  readonly label: string;
  readonly data: unknown;
  readonly sha256: string;
  /** `label:line:column` of the value at this path of keys (or of its nearest existing parent). */
  at(path: readonly string[]): string;
}

/** An object of a document. */
export type Dict = Record<string, unknown>;

/** An empty object without prototype. */
export function dict(): Dict {
  return Object.create(null) as Dict;
}

/** Whether a value is a mapping. */
export function isDict(value: unknown): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Any value of a document as text: objects without prototype have no text of their own. */
export function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? (JSON.stringify(value) ?? '') : String(value);
}

const maxBytes = 32 * 1024 * 1024;
const maxNodes = 2_000_000;
const maxDepth = 400;
const maxIndentRepairs = 60;

/**
 * Reads and parses a file.
 *
 * @param path - Absolute path.
 * @param label - The path as messages show it.
 * @param repairs - Receives what had to be repaired.
 * @returns The parsed file.
 * @throws CodegenError when the file cannot be read, is too large or is neither YAML nor JSON.
 */
export function readSourceFile(path: string, label: string, repairs: Repairs): SourceFile {
  const bytes = readBytes(path, label);
  if (bytes.includes(0)) {
    throw new CodegenError(`${label}: this is not a UTF-8 text file.`, 'Give an OpenAPI document in YAML or JSON, saved as UTF-8.');
  }
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const parsed = parse(text, label, repairs);
  return {
    path,
    label,
    data: parsed.data,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    at: (keys) => {
      const { line, column } = parsed.position(keys);
      return `${label}:${line}:${column}`;
    },
  };
}

function readBytes(path: string, label: string): Buffer {
  try {
    const { size } = statSync(path);
    if (size > maxBytes) {
      throw new CodegenError(
        `${label}: the file has ${Math.ceil(size / 1024 / 1024)} MB, the limit is ${maxBytes / 1024 / 1024} MB.`,
        'Split the document, or remove its examples.',
      );
    }
    return readFileSync(path);
  } catch (error) {
    if (error instanceof CodegenError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'this is a folder' : code === 'EACCES' ? 'the file may not be read' : String(code);
    throw new CodegenError(`${label}: ${reason}.`, 'Check the path.');
  }
}

interface Parsed {
  readonly data: unknown;
  position(keys: readonly string[]): { line: number; column: number };
}

function parse(text: string, label: string, repairs: Repairs): Parsed {
  // JSON.parse is 50 times faster than a YAML reader; positions are only computed when a message needs one.
  if (/^\s*[{[]/.test(text)) {
    try {
      const json: unknown = JSON.parse(text);
      let yaml: ReturnType<typeof parseYaml> | undefined;
      return {
        data: plain(json, label),
        position: (keys) => position((yaml ??= parseYaml(text)).document, yaml.lines, keys),
      };
    } catch (error) {
      if (error instanceof CodegenError) throw error;
      // Not JSON: perhaps a YAML flow mapping; else the YAML reader has the better message.
    }
  }
  const { document, lines } = parseLeniently(text, label, repairs);
  let js: unknown;
  try {
    js = document.toJS({ maxAliasCount: -1 });
  } catch (error) {
    throw new CodegenError(`${label}: ${firstLine(error)}`, 'Correct the YAML anchors and aliases.');
  }
  return { data: plain(js, label), position: (keys) => position(document, lines, keys) };
}

function parseYaml(text: string): { document: Document; lines: LineCounter } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    // `compat` makes the reader check the indent of closing brackets, which it accepts silently otherwise.
    compat: 'core',
    lineCounter: lines,
    // With 'silent' a second document in the file would go unnoticed.
    logLevel: 'error',
    merge: true,
    prettyErrors: false,
    strict: true,
    stringKeys: false,
    // The reader compares each key with all others of its mapping: minutes for a large document. See repeatedKeys.
    uniqueKeys: false,
  });
  return { document, lines };
}

/** Accepts what every human reader understands: brackets and items at the wrong indent, repeated keys. Reports each. */
function parseLeniently(text: string, label: string, repairs: Repairs): { document: Document; lines: LineCounter } {
  const rows = text.split('\n');
  const indented = new Set<number>();
  let first: YAMLError | undefined;
  let firstAt = '1:1';
  for (;;) {
    let parsed;
    try {
      parsed = parseYaml(rows.join('\n'));
    } catch (error) {
      const what = error instanceof RangeError ? 'the document is nested too deeply' : firstLine(error);
      throw new CodegenError(`${label}:1:1: ${what}.`, 'Give an OpenAPI document in YAML or JSON.');
    }
    const { document, lines } = parsed;
    const error = document.errors[0];
    if (error === undefined) {
      for (const row of indented) {
        repairs.add('yaml', `${label}:${row}:1`, 'a line inside [...] or {...} is indented too little', 'read as if indented');
      }
      for (const offset of repeatedKeys(document)) {
        repairs.add('yaml', `${label}:${lineAndColumn(lines, offset)}`, 'a key appears twice in one mapping', 'the last one counts');
      }
      for (const issue of document.warnings) {
        if (issue.code === 'BAD_INDENT')
          repairs.add('yaml', `${label}:${lineAndColumn(lines, issue.pos[0])}`, 'a closing bracket is indented too little', 'accepted');
      }
      return { document, lines };
    }
    if (first === undefined) {
      first = error;
      firstAt = lineAndColumn(lines, error.pos[0]);
    }
    const row = lines.linePos(error.pos[0]).line;
    const repairable = error.code === 'BAD_INDENT' && error.message.startsWith('Flow') && indented.size < maxIndentRepairs && !indented.has(row);
    if (!repairable) {
      throw new CodegenError(`${label}:${firstAt}: ${sentence(first.message)}`, adviceFor(first.code));
    }
    indented.add(row);
    rows[row - 1] = ' '.repeat(60) + (rows[row - 1] ?? '');
  }
}

/** Offsets of keys that their mapping has already. */
function repeatedKeys(document: Document): number[] {
  const found: number[] = [];
  visit(document, {
    Map(_key, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (seen.has(key.value)) found.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return found;
}

function adviceFor(code: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'YAML is indented with spaces: replace the tab.';
    case 'BAD_INDENT':
      return 'Correct the indentation of this line.';
    case 'MISSING_CHAR':
      return 'Close the quote or bracket that was opened before this place.';
    case 'MULTIPLE_DOCS':
      return 'Keep one document per file: remove the "---" and what follows.';
    default:
      return 'Correct this line; a YAML checker in your editor shows the same place.';
  }
}

const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n')[0] ?? '';
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function lineAndColumn(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${line}:${col}`;
}

function position(document: Document, lines: LineCounter, keys: readonly string[]): { line: number; column: number } {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const key of keys) {
    const source: Node | undefined =
      isNode(node) && 'resolve' in node ? (node as { resolve(d: Document): Node | undefined }).resolve(document) : (node as Node);
    if (isMap(source)) {
      const pair = source.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === key);
      if (pair === undefined) break;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(source)) {
      node = source.items[Number(key)];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

/** Copies into objects without prototype, counting: an alias bomb or a cycle of anchors ends here. */
function plain(value: unknown, label: string): unknown {
  let nodes = 0;
  const copy = (node: unknown, depth: number): unknown => {
    nodes += 1;
    if (nodes > maxNodes) {
      throw new CodegenError(
        `${label}: the document has more than ${maxNodes} values when its YAML aliases are expanded.`,
        'Replace repeated aliases by $ref.',
      );
    }
    if (depth > maxDepth) {
      throw new CodegenError(`${label}: values are nested more than ${maxDepth} deep (or a YAML anchor contains itself).`, 'Use $ref for recursive schemas.');
    }
    if (Array.isArray(node)) return node.map((item) => copy(item, depth + 1));
    if (typeof node === 'object' && node !== null) {
      const result = dict();
      for (const [key, member] of Object.entries(node)) result[key] = copy(member, depth + 1);
      return result;
    }
    return node === undefined ? null : node;
  };
  return copy(value, 0);
}
