/** Names in generated code. */

/** Words that cannot name a constant in a module, and the names that generated code imports. */
const reservedWords = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function ' +
    'if implements import in instanceof interface let new null package private protected public return static super switch this throw true try ' +
    'typeof undefined var void while with yield NaN Infinity binary form json multipart raw styled'
  ).split(' '),
);

/** Members that every client or every object has: an operation of this name would hide them. */
const clientMembers = new Set(
  Object.getOwnPropertyNames(Object.prototype).concat(
    'request',
    'close',
    'then',
    'catch',
    'finally',
    'operations',
    'webhooks',
    'prototype',
    'toJSON',
    'withResponse',
    'auth',
    'options',
  ),
);

/** Types that generated code uses: a model of this name would shadow them. */
const usedTypes = new Set([
  'Record',
  'Array',
  'Operation',
  'Schema',
  'SecurityScheme',
  'Content',
  'BinaryBody',
  'FilePart',
  'Object',
  'Function',
  'String',
  'Number',
  'Boolean',
  'Symbol',
]);

/** A set of names in which each is given out once. */
export class NameSet {
  readonly #taken = new Set<string>();

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  /** The name itself, or with the first free number from 2. */
  take(name: string): string {
    let free = name;
    for (let n = 2; this.#taken.has(free); n++) free = `${name}${/\d$/.test(name) ? '_' : ''}${n}`;
    this.#taken.add(free);
    return free;
  }
}

/** Splits at everything that cannot be in an identifier. */
const parts = (raw: string): string[] =>
  raw
    .normalize('NFC')
    .split(/[^\p{ID_Continue}$]+/u)
    .filter((part) => part !== '');
const upperFirst = (text: string): string => text.replace(/^./u, (first) => first.toUpperCase());
const lowerFirst = (text: string): string => text.replace(/^./u, (first) => first.toLowerCase());
const startable = (text: string): string => (/^[\p{ID_Start}_$]/u.test(text) ? text : `_${text}`);

/**
 * The name of an operation: its id, made an identifier that a client can have as a method.
 *
 * @example operationName('get pet') // 'getPet'; 'delete' gives 'delete_', 'close' gives 'closeOperation'
 */
export function operationName(raw: string): string {
  const [first = '_', ...rest] = parts(raw);
  const name = startable(first + rest.map(upperFirst).join(''));
  if (clientMembers.has(name)) return /^_+|_+$/.test(name) ? `${name.replaceAll(/^_+|_+$/g, '')}Operation` : `${name}Operation`;
  return reservedWords.has(name) ? `${name}_` : name;
}

/** The name of an operation without id: method and path. `GET /pets/{petId}` gives `getPetsByPetId`. */
export function nameFromPath(method: string, path: string): string {
  const words = path.split('/').filter((segment) => segment !== '');
  const name = words
    .map((word) =>
      parts(word.replaceAll(/\{([^}]*)\}/g, ' By $1 '))
        .map(upperFirst)
        .join(''),
    )
    .join('');
  return operationName(method.toLowerCase() + (name === '' ? 'Root' : name));
}

/** The name of a type: words joined with capitals. */
export function typeName(raw: string): string {
  const name = startable(parts(raw.replaceAll('_', ' ')).map(upperFirst).join('') || '_');
  return usedTypes.has(name) ? `${name}Model` : name;
}

/** The name of a constant that is not exported. */
export function constantName(raw: string): string {
  const name = lowerFirst(typeName(raw));
  return reservedWords.has(name) ? `${name}_` : name;
}

/** The name of the types that belong to an operation, without their suffix. */
export function operationTypeName(operation: string): string {
  return upperFirst(operation);
}

/** Whether a property name may be written without quotes. */
export function isIdentifier(text: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(text) && text !== '__proto__';
}
