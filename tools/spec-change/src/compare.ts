/**
 * What differs between two documents, as their users would say it.
 *
 * Both documents are walked together from their operations, references followed, so that what is only written otherwise
 * (moved into a component, in another order, a component with another name) makes no difference. Every leaf that the walk
 * has looked at is marked; what differs between the two files and was not looked at is a gap of this tool, and is said.
 */

import { isDict, type Dict, textOf } from '../../codegen/src/read-document.ts';
import { nameFromPath, NameSet, operationName } from '../../codegen/src/names.ts';
import { Findings, type Direction, type DocumentChange } from './findings.ts';
import { canonical, isWithin, items, join, lastKey, member, members, type Cell } from './pointer.ts';
import { visible } from './print.ts';
import { rules, type RuleName } from './rules.ts';
import { formOf, knownKeys, placeOf, readSchema, requiredPlace, type SchemaView } from './schema-view.ts';
import { Side, type View } from './side.ts';

export interface Comparison {
  readonly changes: readonly DocumentChange[];
  /** Places that differ between the files and that no change explains: a gap of the comparison. */
  readonly unexplained: readonly string[];
  /** How many values are written elsewhere or otherwise and mean the same. */
  readonly same: number;
}

/**
 * Compares two documents, each in one file.
 *
 * @param before - The document of yesterday, parsed.
 * @param after - The document of today.
 */
export function compareDocuments(before: Dict, after: Dict): Comparison {
  return new Comparer(before, after).run();
}

/** The operations of a document with the names that generated code gives them. */
export function operationsOf(side: Side): Operation[] {
  const names = new NameSet();
  const found: Operation[] = [];
  for (const [section, webhook] of [
    ['paths', false],
    ['webhooks', true],
  ] as const) {
    for (const [path, cell] of members(member(side.root, section))) {
      if (path.startsWith('x-')) continue;
      const item = side.view(cell);
      for (const [key, entry] of item.entries) {
        if (!methods.includes(key) || !isDict(entry.value)) continue;
        const method = key.toUpperCase();
        const raw = entry.value.operationId;
        const id = typeof raw === 'string' || typeof raw === 'number' ? textOf(raw).trim() : '';
        const name = names.take(id !== '' ? operationName(id) : webhook ? operationName(path) : nameFromPath(method, path.startsWith('/') ? path : `/${path}`));
        found.push({ name, method, path, webhook, item, cell: entry, view: side.view(entry) });
      }
    }
  }
  return found;
}

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly webhook: boolean;
  readonly item: View;
  readonly cell: Cell;
  readonly view: View;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly cell: Cell;
  readonly view: View;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

interface Said {
  readonly name?: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly direction?: Direction;
}

class Comparer {
  readonly #old: Side;
  readonly #new: Side;
  readonly #findings = new Findings();
  /** Components that stand for each other: old pointer to new pointers. */
  readonly #pairs = new Map<string, Set<string>>();

  constructor(before: Dict, after: Dict) {
    this.#old = new Side(before);
    this.#new = new Side(after);
  }

  run(): Comparison {
    this.#operations();
    this.#findings.operation('*', () => this.#wholeDocument());
    this.#findings.operation('*', () => this.#components());
    return { changes: this.#findings.changes(), ...this.#completeness() };
  }

  // ---- what is found ----

  /** Something that is in both, differently. */
  #differs(rule: RuleName, old: Cell | undefined, now: Cell | undefined, said: Said): void {
    if (old) this.#old.reported.add(old.at);
    if (now) this.#new.reported.add(now.at);
    this.#add(rule, now?.at ?? old?.at ?? '', { ...(old ? { before: old.value } : {}), ...(now ? { after: now.value } : {}), ...said });
  }

  #added(rule: RuleName, cell: Cell, said: Said): void {
    this.#new.reportWhole(cell);
    this.#add(rule, cell.at, said);
  }

  #removed(rule: RuleName, cell: Cell, said: Said): void {
    this.#old.reportWhole(cell);
    this.#add(rule, cell.at, said);
  }

  #add(rule: RuleName, path: string, { name = '', before, after, direction }: Said): void {
    // In one pass: a name may itself contain `{after}` or `$&`.
    const parts: Readonly<Record<string, string>> = { name: quoted(name), before: shown(before), after: shown(after) };
    const text = rules[rule].text.replaceAll(/\{(name|before|after)\}/g, (_place, part: string) => parts[part]!);
    this.#findings.add({ rule, text, path, ...(direction ? { direction } : {}) });
  }

  #equal(old: Cell | undefined, now: Cell | undefined): void {
    if (old) this.#old.equal.add(old.at);
    if (now) this.#new.equal.add(now.at);
  }

  /** Compares two values as they are. */
  #plain(rule: RuleName, old: Cell | undefined, now: Cell | undefined, said: Said): boolean {
    if (canonical(old?.value) === canonical(now?.value)) {
      this.#equal(old, now);
      return true;
    }
    this.#differs(rule, old, now, said);
    return false;
  }

  // ---- operations ----

  #operations(): void {
    const today = operationsOf(this.#new);
    const left = new Set(today);
    const pairs: [Operation, Operation][] = [];
    const yesterday = operationsOf(this.#old);
    const unmatched: Operation[] = [];
    const take = (old: Operation, fits: (now: Operation) => boolean): boolean => {
      const found = today.find((now) => left.has(now) && now.webhook === old.webhook && fits(now));
      if (found) {
        left.delete(found);
        pairs.push([old, found]);
      }
      return found !== undefined;
    };
    // Exact paths first: vendors do list `/a/{id}` and `/a/{name}` side by side, in any order.
    const moved = yesterday.filter((old) => !take(old, (now) => now.method === old.method && now.path === old.path));
    for (const old of moved) {
      if (!take(old, (now) => now.method === old.method && template(now.path) === template(old.path))) unmatched.push(old);
    }
    const gone = unmatched.filter((old) => !take(old, (now) => now.name === old.name));
    const order = new Map(yesterday.map((operation, index) => [operation, index]));
    pairs.sort(([a], [b]) => order.get(a)! - order.get(b)!);
    for (const [old, now] of pairs) this.#findings.operation(now.name, () => this.#operation(old, now));
    for (const old of gone)
      this.#findings.operation(old.name, () => this.#removed('operation removed', old.cell, { name: `${old.name} (${old.method} ${old.path})` }));
    for (const now of left)
      this.#findings.operation(now.name, () => this.#added('operation added', now.cell, { name: `${now.name} (${now.method} ${now.path})` }));
  }

  #operation(old: Operation, now: Operation): void {
    const [was, is] = [old.view.entries, now.view.entries];
    const { name } = now;
    if (old.name === now.name) this.#equal(was.get('operationId'), is.get('operationId'));
    else this.#differs('operation renamed', was.get('operationId') ?? old.cell, is.get('operationId') ?? now.cell, { before: old.name, after: now.name });
    const [from, to] = [`${old.method} ${old.path}`, `${now.method} ${now.path}`];
    if (old.method !== now.method || template(old.path) !== template(now.path) || isReordered(old.path, now.path))
      this.#add('operation moved', now.view.at, { before: from, after: to });
    this.#texts(name, old.view, now.view);
    this.#texts(name, old.item, now.item);
    this.#flag(was.get('deprecated'), is.get('deprecated'), 'operation deprecated', 'operation no longer deprecated', { name });
    this.#parameters(old, now);
    // A webhook is sent by the vendor: its body is received and its answer is sent.
    this.#body(was.get('requestBody'), is.get('requestBody'), now.webhook ? 'received' : 'sent');
    this.#responses(was.get('responses'), is.get('responses'), now.webhook ? 'sent' : 'received');
    this.#security(old, now);
    this.#servers(was.get('servers'), is.get('servers'));
    this.#servers(old.item.entries.get('servers'), now.item.entries.get('servers'));
    if (asSet(was.get('tags')) === asSet(is.get('tags'))) this.#equal(was.get('tags'), is.get('tags'));
    else this.#differs('grouping', was.get('tags'), is.get('tags'), { name });
    const done = ['operationId', 'deprecated', 'parameters', 'requestBody', 'responses', 'security', 'servers', 'tags', ...textKeys];
    this.#others(name, old.view, now.view, done);
    this.#others(name, old.item, now.item, [...methods, ...textKeys, 'parameters', 'servers']);
  }

  // ---- parameters ----

  #parameters(old: Operation, now: Operation): void {
    const was = this.#parametersOf(this.#old, old);
    const is = this.#parametersOf(this.#new, now);
    const rest = new Map(is);
    const gone: Parameter[] = [];
    for (const [key, parameter] of was) {
      const same = rest.get(key);
      if (same) this.#parameter(parameter, same, old, now);
      else gone.push(parameter);
      rest.delete(key);
    }
    for (const parameter of gone) {
      const moved = [...rest].find(([, candidate]) => candidate.name === parameter.name);
      if (moved) {
        rest.delete(moved[0]);
        this.#differs('parameter in', parameter.view.entries.get('in'), moved[1].view.entries.get('in'), { name: parameter.name });
        this.#parameter(parameter, moved[1], old, now);
      } else {
        const rule = this.#isAutomatic(this.#old, old, parameter) ? 'automatic parameter removed' : 'parameter removed';
        this.#removed(rule, parameter.cell, { name: parameter.name, direction: 'sent' });
      }
    }
    for (const parameter of rest.values()) {
      const rule = this.#isAutomatic(this.#new, now, parameter)
        ? 'automatic parameter added'
        : this.#mustBeGiven(this.#new, parameter)
          ? 'required parameter added'
          : 'optional parameter added';
      this.#added(rule, parameter.cell, { name: parameter.name, direction: 'sent' });
    }
  }

  #parametersOf(side: Side, operation: Operation): Map<string, Parameter> {
    const found = new Map<string, Parameter>();
    for (const list of [operation.item.entries.get('parameters'), operation.view.entries.get('parameters')]) {
      for (const cell of items(list)) {
        const view = side.view(cell);
        const name = textOf(view.entries.get('name')?.value ?? '');
        const place = textOf(view.entries.get('in')?.value ?? '');
        const key = `${place}:${place === 'header' ? name.toLowerCase() : name}`;
        const overridden = found.get(key);
        if (overridden) side.equalWhole(overridden.cell);
        found.set(key, { name, in: place, cell, view });
      }
    }
    return found;
  }

  #parameter(old: Parameter, now: Parameter, before: Operation, after: Operation): void {
    const { name } = now;
    const said: Said = { name, direction: 'sent' };
    const [was, is] = [old.view.entries, now.view.entries];
    this.#equal(was.get('name'), is.get('name'));
    if (old.in === now.in) this.#equal(was.get('in'), is.get('in'));
    const [needed, needs] = [this.#mustBeGiven(this.#old, old), this.#mustBeGiven(this.#new, now)];
    const automatic = this.#isAutomatic(this.#old, before, old) && this.#isAutomatic(this.#new, after, now);
    const [flagged, flag] = [was.get('required')?.value === true || old.in === 'path', is.get('required')?.value === true || now.in === 'path'];
    if (needed !== needs && !automatic) {
      const rule = needs ? 'parameter must be given' : 'parameter may be left out';
      this.#differs(rule, was.get('required'), is.get('required') ?? { value: undefined, at: now.view.at }, said);
    } else if (flagged !== flag) {
      const words = (required: boolean): string => (required ? 'required' : 'optional');
      this.#differs('parameter requirement', was.get('required'), is.get('required'), { ...said, before: words(flagged), after: words(flag) });
    } else this.#equal(was.get('required'), is.get('required'));
    this.#flag(was.get('deprecated'), is.get('deprecated'), 'parameter deprecated', 'parameter no longer deprecated', said);
    for (const key of ['style', 'explode', 'allowReserved', 'allowEmptyValue']) {
      const usual = usualOf(key, now.in, is.get('style')?.value);
      const [a, b] = [was.get(key)?.value ?? usualOf(key, old.in, was.get('style')?.value), is.get(key)?.value ?? usual];
      if (a === b) this.#equal(was.get(key), is.get(key));
      // A style brings its own default of `explode`; naming one of both is enough.
      else if (was.get(key) === undefined && is.get(key) === undefined) continue;
      else this.#differs('parameter style', was.get(key), is.get(key), { ...said, before: `${key}: ${textOf(a)}`, after: `${key}: ${textOf(b)}` });
    }
    this.#texts(name, old.view, now.view, 'sent');
    const [oldValue, newValue] = [this.#parameterValue(old), this.#parameterValue(now)];
    if (oldValue?.media !== newValue?.media) {
      this.#add('parameter style', newValue?.schema?.at ?? now.view.at, { ...said, before: oldValue?.media ?? 'plain', after: newValue?.media ?? 'plain' });
      if (oldValue?.cell) this.#old.reported.add(oldValue.cell.at);
      if (newValue?.cell) this.#new.reported.add(newValue.cell.at);
    }
    if (oldValue?.schema || newValue?.schema) this.#schema(oldValue?.schema ?? nothing(old.view), newValue?.schema ?? nothing(now.view), 'sent', name);
    this.#others(
      `parameter ${name}`,
      old.view,
      now.view,
      ['name', 'in', 'required', 'deprecated', 'style', 'explode', 'allowReserved', 'allowEmptyValue', 'schema', 'content', ...textKeys],
      'sent',
      name,
    );
  }

  #parameterValue(parameter: Parameter): { schema?: Cell; media?: string; cell?: Cell } | undefined {
    const schema = parameter.view.entries.get('schema');
    if (schema) return { schema };
    const content = parameter.view.entries.get('content');
    const [media] = members(content);
    const inner = media && member(media[1], 'schema');
    return media && content ? { media: media[0], cell: content, ...(inner ? { schema: inner } : {}) } : undefined;
  }

  /** Whether a call without it does not compile: the client sends a default itself. */
  #mustBeGiven(side: Side, parameter: Parameter): boolean {
    if (parameter.in === 'path') return true;
    if (parameter.view.entries.get('required')?.value !== true) return false;
    const schema = this.#parameterValue(parameter)?.schema;
    if (!schema) return true;
    const { shape } = readSchema(side, schema);
    return shape.default === undefined && !(shape.enum?.length === 1 && shape.enum[0] !== null);
  }

  /** Whether the client fills a parameter in: a media type, or a credential. */
  #isAutomatic(side: Side, operation: Operation, parameter: Parameter): boolean {
    if (parameter.in === 'header' && /^(accept|authorization)$/i.test(parameter.name)) return true;
    if (parameter.in === 'header' && /^content-type$/i.test(parameter.name)) return operation.view.entries.has('requestBody');
    const schemes = member(member(side.root, 'components') ?? side.root, 'securitySchemes');
    return this.#alternatives(side, operation)
      .flatMap((alternative) => Object.keys(alternative))
      .some((name) => {
        const scheme = schemes && member(schemes, name);
        const entries = scheme ? side.view(scheme).entries : undefined;
        if (entries?.get('type')?.value !== 'apiKey' || entries.get('in')?.value !== parameter.in) return false;
        return textOf(entries.get('name')?.value).toLowerCase() === parameter.name.toLowerCase();
      });
  }

  // ---- bodies and answers ----

  #body(oldCell: Cell | undefined, newCell: Cell | undefined, direction: Direction): void {
    const said: Said = { direction, name: 'body' };
    if (!oldCell && !newCell) return;
    if (!oldCell) {
      const required = this.#new.view(newCell!).entries.get('required')?.value === true;
      this.#added(required ? 'required body added' : 'optional body added', newCell!, said);
      return;
    }
    if (!newCell) {
      this.#removed('body removed', oldCell, said);
      return;
    }
    const [old, now] = [this.#old.view(oldCell), this.#new.view(newCell)];
    this.#flag(old.entries.get('required'), now.entries.get('required'), 'body must be given', 'body may be left out', said);
    this.#texts('body', old, now, direction);
    const { both, gone, added } = this.#sameTypes(this.#content(this.#old, old), this.#content(this.#new, now), said);
    for (const [media, other] of both) this.#media(media, other, direction, 'body');
    for (const [type, media] of gone) this.#removed('request media type removed', media, { ...said, name: type });
    for (const [type, media] of added) this.#added('request media type added', media, { ...said, name: type });
    this.#others('body', old, now, ['required', 'content', ...textKeys], direction);
  }

  #content(side: Side, owner: View): Map<string, Cell> {
    const content = owner.entries.get('content');
    return new Map(content ? [...side.view(content).entries].map(([type, cell]) => [type.trim(), cell]) : []);
  }

  /** Media types that stay, also with other parameters (`; charset=utf-8`) or letters: clients tell them apart by neither. */
  #sameTypes(
    was: ReadonlyMap<string, Cell>,
    is: ReadonlyMap<string, Cell>,
    said: Said,
  ): { both: [Cell, Cell][]; gone: [string, Cell][]; added: [string, Cell][] } {
    const both: [Cell, Cell][] = [];
    const gone: [string, Cell][] = [];
    const added = new Map([...is].filter(([type]) => !was.has(type)));
    const essence = (type: string): string => type.split(';', 1)[0]!.trim().toLowerCase();
    for (const [type, media] of was) {
      const same = is.has(type) ? type : [...added.keys()].find((other) => essence(other) === essence(type));
      if (same === undefined) {
        gone.push([type, media]);
        continue;
      }
      const other = is.get(same)!;
      if (same !== type) this.#add('media type parameters', other.at, { ...said, before: type, after: same });
      added.delete(same);
      both.push([media, other]);
    }
    return { both, gone, added: [...added] };
  }

  #media(oldCell: Cell, newCell: Cell, direction: Direction, name: string): void {
    const [old, now] = [this.#old.view(oldCell), this.#new.view(newCell)];
    const [was, is] = [old.entries.get('schema'), now.entries.get('schema')];
    if (was || is) this.#schema(was ?? nothing(old), is ?? nothing(now), direction, name);
    this.#plain('request media type details', old.entries.get('encoding'), now.entries.get('encoding'), { name: 'encoding', direction });
    this.#texts(name, old, now, direction);
    this.#others(name, old, now, ['schema', 'encoding', ...textKeys], direction);
  }

  #responses(oldCell: Cell | undefined, newCell: Cell | undefined, direction: Direction): void {
    const [was, is] = [oldCell, newCell].map((cell, index) => (cell ? (index === 0 ? this.#old : this.#new).view(cell).entries : new Map<string, Cell>()));
    for (const [status, old] of was!) {
      const now = is!.get(status);
      if (status.startsWith('x-')) this.#plain('maintainer fact', old, now, { name: status });
      else if (now) this.#response(status, old, now, direction);
      else this.#removed('status removed', old, { name: status, direction });
    }
    for (const [status, now] of is!) {
      if (was!.has(status)) continue;
      if (status.startsWith('x-')) this.#plain('maintainer fact', undefined, now, { name: status });
      else this.#added(this.#newStatus(status, now, is!, was!), now, { name: status, direction });
    }
  }

  #newStatus(status: string, now: Cell, is: ReadonlyMap<string, Cell>, was: ReadonlyMap<string, Cell>): RuleName {
    if (!status.startsWith('2')) return 'error status added';
    // The result of a call is the union of all success bodies: one that is there already adds nothing to it.
    const shapeOf = (cell: Cell): string =>
      canonical([...this.#content(this.#new, this.#new.view(cell))].map(([type, media]) => [type, this.#expanded(member(media, 'schema'))]));
    const known = [...is].filter(([other]) => other.startsWith('2') && was.has(other));
    return known.some(([, cell]) => shapeOf(cell) === shapeOf(now)) ? 'success status added, same body' : 'success status added';
  }

  #expanded(cell: Cell | undefined): unknown {
    return cell ? this.#new.view(cell).value : undefined;
  }

  #response(status: string, oldCell: Cell, newCell: Cell, direction: Direction): void {
    const [old, now] = [this.#old.view(oldCell), this.#new.view(newCell)];
    const said: Said = { name: status, direction };
    this.#texts(`answer ${status}`, old, now, direction);
    const [was, is] = [this.#content(this.#old, old), this.#content(this.#new, now)];
    if (was.size === 0 && is.size > 0) this.#added('answer has a body now', now.entries.get('content')!, said);
    else if (was.size > 0 && is.size === 0) this.#removed('answer has no body now', old.entries.get('content')!, said);
    else {
      const { both, gone, added } = this.#sameTypes(was, is, { name: `answer ${status}`, direction });
      for (const [media, other] of both) this.#media(media, other, direction, `answer ${status}`);
      for (const [type, media] of gone) this.#removed('answer media type removed', media, { name: `${status} ${type}`, direction });
      for (const [type, media] of added) this.#added('answer media type added', media, { name: `${status} ${type}`, direction });
    }
    this.#headers(old.entries.get('headers'), now.entries.get('headers'), direction);
    this.#others(`answer ${status}`, old, now, ['content', 'headers', ...textKeys], direction);
  }

  #headers(oldCell: Cell | undefined, newCell: Cell | undefined, direction: Direction): void {
    const byName = (cell: Cell | undefined): Map<string, [string, Cell]> =>
      new Map(members(cell).map(([name, header]) => [name.toLowerCase(), [name, header]]));
    const [was, is] = [byName(oldCell), byName(newCell)];
    for (const [key, [name, old]] of was) {
      const now = is.get(key)?.[1];
      if (!now) {
        this.#removed('header removed', old, { name, direction });
        continue;
      }
      const [a, b] = [this.#old.view(old), this.#new.view(now)];
      const label = `header ${name}`;
      this.#flag(a.entries.get('required'), b.entries.get('required'), 'header always there', 'header not always there', { name, direction });
      this.#flag(a.entries.get('deprecated'), b.entries.get('deprecated'), 'field deprecated', 'field no longer deprecated', { name, direction });
      this.#texts(label, a, b, direction);
      const [schema, newSchema] = [a.entries.get('schema'), b.entries.get('schema')];
      if (schema || newSchema) this.#schema(schema ?? nothing(a), newSchema ?? nothing(b), direction, label);
      this.#others(label, a, b, ['required', 'deprecated', 'schema', ...textKeys], direction);
    }
    for (const [key, [name, now]] of is) if (!was.has(key)) this.#added('header added', now, { name, direction });
  }

  // ---- schemas ----

  #schema(oldCell: Cell, newCell: Cell, direction: Direction, name: string): void {
    const [old, now] = [readSchema(this.#old, oldCell), readSchema(this.#new, newCell)];
    const component = now.component ?? old.component;
    if (component === undefined) {
      this.#schemas(old, now, direction, name);
      return;
    }
    if (old.component !== undefined && now.component !== undefined) this.#pairs.set(old.at, (this.#pairs.get(old.at) ?? new Set()).add(now.at));
    // What is written beside a reference belongs to the place, not to the component.
    const beside = (view: SchemaView): boolean => [...view.entries.values()].some(({ at }) => !isWithin(at, view.at));
    if (beside(old) || beside(now)) this.#schemas(old, now, direction, name === '' ? component : name);
    else this.#findings.block(`${direction} ${old.at} ${now.at}`, () => this.#schemas(old, now, direction, component));
  }

  #schemas(old: SchemaView, now: SchemaView, direction: Direction, name: string): void {
    const key = `${direction} ${old.at} ${now.at} ${name}`;
    if (this.#open.has(key) || this.#open.size > 200) return;
    this.#open.add(key);
    this.#schemaFacts(old, now, direction, name);
    this.#open.delete(key);
  }
  readonly #open = new Set<string>();

  #schemaFacts(old: SchemaView, now: SchemaView, direction: Direction, name: string): void {
    const said: Said = { name, direction };
    const sent = direction === 'sent';
    const [a, b] = [old.shape, now.shape];
    const cells = (...keys: readonly string[]): [Cell | undefined, Cell | undefined] => {
      for (const view of [old, now] as const) {
        const side = view === old ? this.#old : this.#new;
        for (const key of keys) {
          const entry = view.entries.get(key);
          if (entry) side.equal.add(entry.at);
          for (const at of view.places.get(key) ?? []) side.equal.add(at);
        }
      }
      const pick = (view: SchemaView): Cell => ({ value: undefined, at: placeOf(view, ...keys) });
      return [pick(old), pick(now)];
    };
    const say = (rule: RuleName, keys: readonly string[], before: unknown, after: unknown): void => {
      const [, at] = cells(...keys);
      for (const key of keys) {
        const [was, is] = [old.entries.get(key), now.entries.get(key)];
        if (was) this.#old.reported.add(was.at);
        if (is) this.#new.reported.add(is.at);
      }
      const written = keys.some((key) => now.entries.has(key) || now.places.has(key));
      this.#add(rule, written ? at!.at : placeOf(old, ...keys), { ...said, before, after });
    };

    // Bytes and text are different types, whatever else is said of them.
    const [wasBinary, isBinary] = [a.format === 'binary', b.format === 'binary'];
    const [oldTypes, newTypes] = [typesOf(old), typesOf(now)];
    if (wasBinary !== isBinary)
      say('binary changed', ['format', 'type', 'contentMediaType'], wasBinary ? 'binary' : oldTypes.join(' or '), isBinary ? 'binary' : newTypes.join(' or '));
    else if (asList(oldTypes) !== asList(newTypes)) {
      const keys = ['type', 'enum', 'const', 'format'];
      const [wide, narrow] = sent ? [newTypes, oldTypes] : [oldTypes, newTypes];
      const fits = includesAll(wide, narrow);
      const rule = sent ? (fits ? 'sent type widened' : 'sent type changed') : fits ? 'received type narrowed' : 'received type changed';
      say(rule, keys, oldTypes.join(' or ') || 'anything', newTypes.join(' or ') || 'anything');
      if (!oldTypes.some((type) => newTypes.includes(type)) && oldTypes.length > 0 && newTypes.length > 0) {
        // Nothing inside can be compared.
        for (const [side, view] of [
          [this.#old, old],
          [this.#new, now],
        ] as const) {
          side.reportWhole({ value: side.at(view.at)?.value, at: view.at });
          for (const entry of [...view.entries.values(), ...view.properties.values(), ...view.alternatives]) side.reportWhole(entry);
        }
        return;
      }
    } else cells('type');

    if (old.nullable !== now.nullable) {
      const rule = sent ? (now.nullable ? 'sent nullable' : 'sent not nullable') : now.nullable ? 'received nullable' : 'received not nullable';
      say(rule, ['nullable', 'type', 'enum'], old.nullable, now.nullable);
    } else cells('nullable');

    this.#enum(old, now, sent, say, cells);
    this.#limits(old, now, sent, say, cells);

    if (wasBinary === isBinary && a.format !== b.format) {
      const checked = sent && [a.format, b.format].includes('int32');
      if (checked) say(b.format === 'int32' ? 'sent limit tightened' : 'sent limit loosened', ['format'], a.format ?? 'no format', b.format ?? 'no format');
      else say(sent ? 'sent format' : 'received format', ['format', 'contentMediaType', 'contentEncoding'], a.format ?? 'none', b.format ?? 'none');
    } else cells('format', 'contentMediaType', 'contentEncoding');

    if (canonical(a.default) !== canonical(b.default)) {
      const rule: RuleName = !sent
        ? 'received default'
        : a.default === undefined
          ? 'sent default added'
          : b.default === undefined
            ? 'sent default removed'
            : 'sent default changed';
      say(rule, ['default'], a.default ?? 'none', b.default ?? 'none');
    } else cells('default');

    if (a.readOnly !== b.readOnly) {
      const rule = !sent ? 'received read-only' : b.readOnly ? 'sent field read-only' : 'sent field not read-only';
      say(rule, ['readOnly'], a.readOnly ? 'read-only' : 'not read-only', b.readOnly ? 'read-only' : 'not read-only');
    } else cells('readOnly');
    if (a.writeOnly !== b.writeOnly) {
      const rule = sent ? 'sent write-only' : b.writeOnly ? 'received field write-only' : 'received field not write-only';
      say(rule, ['writeOnly'], a.writeOnly ? 'write-only' : 'not write-only', b.writeOnly ? 'write-only' : 'not write-only');
    } else cells('writeOnly');
    if (a.deprecated !== b.deprecated) say(b.deprecated ? 'field deprecated' : 'field no longer deprecated', ['deprecated'], a.deprecated, b.deprecated);
    else cells('deprecated');
    if (a.acceptInteger !== b.acceptInteger && sent)
      say(b.acceptInteger ? 'integer accepted' : 'integer no longer accepted', ['x-accept-integer'], a.acceptInteger, b.acceptInteger);
    else cells('x-accept-integer');
    if (a.secret !== b.secret) say('secrecy', ['x-secret'], a.secret ? 'secret' : 'not secret', b.secret ? 'secret' : 'not secret');
    else cells('x-secret');

    this.#properties(old, now, direction, name);
    this.#otherMembers(old, now, direction, name, say, cells);
    this.#items(old, now, direction, name);
    this.#alternativesOf(old, now, direction, name);
    this.#discriminator(old.entries.get('discriminator'), now.entries.get('discriminator'), said);
    this.#texts(name, old, now, direction);
    const done = [...knownKeys, 'additionalProperties', 'items', 'prefixItems', 'discriminator', ...textKeys];
    this.#others(name, old, now, done, direction, name);
  }

  #enum(old: SchemaView, now: SchemaView, sent: boolean, say: Say, cells: Cells): void {
    const keys = ['enum', 'const', 'x-extensible-enum'];
    const [was, is] = [closedValues(old), closedValues(now)];
    const list = (values: readonly string[]): string => values.join(', ');
    if (was === undefined && is !== undefined) say(sent && !now.shape.openEnum ? 'sent enum closed' : 'received enum closed', keys, 'anything', list(is));
    else if (was !== undefined && is === undefined) say(sent ? 'sent enum opened' : 'received enum opened', keys, list(was), 'anything');
    else if (was !== undefined && is !== undefined) {
      const gone = was.filter((value) => !is.includes(value));
      const come = is.filter((value) => !was.includes(value));
      if (gone.length > 0) say(sent && !now.shape.openEnum ? 'sent enum value removed' : 'received enum value removed', keys, list(gone), undefined);
      if (come.length > 0) say(sent ? 'sent enum value added' : 'received enum value added', keys, undefined, list(come));
      if (gone.length + come.length > 0) return;
      if (old.shape.openEnum !== now.shape.openEnum && sent) say(now.shape.openEnum ? 'sent enum opened' : 'sent enum closed', keys, list(was), list(is));
      else cells(...keys);
    } else cells(...keys);
  }

  #limits(old: SchemaView, now: SchemaView, sent: boolean, say: Say, cells: Cells): void {
    const [a, b] = [old.shape.limits, now.shape.limits];
    for (const key of Object.keys(limitKeys)) {
      const keys = limitKeys[key]!;
      const [was, is] = [a[key], b[key]];
      if (was === is) {
        cells(...keys);
        continue;
      }
      const said = (value: number | undefined): string => (value === undefined ? `no ${key}` : `${key} ${value}`);
      const tighter = isTighter(key, was, is) && !isCovered(key, a, is);
      say(!sent ? 'received limit' : tighter ? 'sent limit tightened' : 'sent limit loosened', keys, said(was), said(is));
    }
    for (const [key, was, is] of [
      ['pattern', old.shape.pattern, now.shape.pattern],
      ['uniqueItems', old.shape.uniqueItems, now.shape.uniqueItems],
    ] as const) {
      const keys = key === 'pattern' ? ['pattern', 'x-no-enforce'] : [key];
      if (was === is) cells(...keys);
      else
        say(
          !sent ? 'received limit' : is === undefined ? 'sent limit loosened' : 'sent limit tightened',
          keys,
          was === undefined ? `no ${key}` : `${key} ${was}`,
          is === undefined ? `no ${key}` : `${key} ${is}`,
        );
    }
  }

  #properties(old: SchemaView, now: SchemaView, direction: Direction, name: string): void {
    const sent = direction === 'sent';
    const label = (property: string): string => (name === '' ? property : `${name}.${property}`);
    const needed = (side: Side, view: SchemaView, property: string): boolean => {
      const cell = view.properties.get(property);
      return view.required.has(property) && !(sent && cell !== undefined && readSchema(side, cell).shape.readOnly === true);
    };
    for (const [property, cell] of old.properties) {
      const now_ = now.properties.get(property);
      const said: Said = { name: label(property), direction };
      if (!now_) {
        this.#removed(sent ? 'sent field removed' : 'received field removed', cell, said);
        continue;
      }
      const [was, is] = [needed(this.#old, old, property), needed(this.#new, now, property)];
      if (was !== is) {
        const rule = sent ? (is ? 'sent field required' : 'sent field optional') : is ? 'received field always there' : 'received field not always there';
        this.#add(rule, now.places.has('required') ? requiredPlace(now) : requiredPlace(old), said);
      }
      this.#schema(cell, now_, direction, label(property));
    }
    for (const [property, cell] of now.properties) {
      if (old.properties.has(property)) continue;
      const rule = !sent ? 'received field added' : needed(this.#new, now, property) ? 'sent required field added' : 'sent optional field added';
      this.#added(rule, cell, { name: label(property), direction });
    }
    // Names that are required and not described: what is sent must hold them.
    const undescribed = (view: SchemaView): string[] =>
      [...view.required].filter((property) => !view.properties.has(property) && !(view === old ? now : old).properties.has(property));
    for (const property of undescribed(now)) {
      if (!old.required.has(property))
        this.#add(sent ? 'sent field required' : 'received field always there', requiredPlace(now), { name: label(property), direction });
    }
    for (const property of undescribed(old)) {
      if (!now.required.has(property))
        this.#add(sent ? 'sent field optional' : 'received field not always there', requiredPlace(old), { name: label(property), direction });
    }
    const same = asList([...old.required]) === asList([...now.required]);
    for (const at of old.places.get('required') ?? []) (same ? this.#old.equal : this.#old.reported).add(at);
    for (const at of now.places.get('required') ?? []) (same ? this.#new.equal : this.#new.reported).add(at);
  }

  #otherMembers(old: SchemaView, now: SchemaView, direction: Direction, name: string, say: Say, cells: Cells): void {
    const [was, is] = [old.entries.get('additionalProperties'), now.entries.get('additionalProperties')];
    if (isDict(was?.value) && isDict(is?.value)) {
      this.#schema(was, is, direction, `${name}{}`);
      return;
    }
    const kind = (cell: Cell | undefined): string =>
      cell?.value === false
        ? 'takes no other members'
        : isDict(cell?.value) && Object.keys(cell.value).length > 0
          ? 'has members of one kind'
          : 'takes other members';
    if (kind(was) === kind(is)) cells('additionalProperties');
    else if (direction === 'received') {
      // The index signature of yesterday's type goes, or a new one comes.
      const ofOneKind = 'has members of one kind';
      const rule =
        kind(was) === ofOneKind ? 'received other members untyped' : kind(is) === ofOneKind ? 'received other members typed' : 'received other members';
      say(rule, ['additionalProperties'], kind(was), `${kind(is)} now`);
    } else {
      const tightness = (cell: Cell | undefined): number => ['takes other members', 'has members of one kind', 'takes no other members'].indexOf(kind(cell));
      say(tightness(is) > tightness(was) ? 'sent other members refused' : 'sent other members allowed', ['additionalProperties'], kind(was), kind(is));
    }
  }

  #items(old: SchemaView, now: SchemaView, direction: Direction, name: string): void {
    const [was, is] = [old.entries.get('items'), now.entries.get('items')];
    if (Array.isArray(was?.value) || Array.isArray(is?.value))
      this.#plain(direction === 'sent' ? 'sent constraint' : 'received type changed', was, is, { name, direction });
    else if (was || is) this.#schema(was ?? nothing(old), is ?? nothing(now), direction, `${name}[]`);
    const [first, firstNow] = [items(old.entries.get('prefixItems')), items(now.entries.get('prefixItems'))];
    for (let index = 0; index < Math.max(first.length, firstNow.length); index++) {
      this.#schema(first[index] ?? nothing(old), firstNow[index] ?? nothing(now), direction, `${name}[${index}]`);
    }
  }

  #alternativesOf(old: SchemaView, now: SchemaView, direction: Direction, name: string): void {
    const sent = direction === 'sent';
    const rest = [...now.alternatives];
    const gone: Cell[] = [];
    const take = (form: Cell, fits: (candidate: Cell) => boolean): boolean => {
      const index = rest.findIndex(fits);
      if (index === -1) return false;
      this.#schema(form, rest.splice(index, 1)[0]!, direction, name);
      return true;
    };
    const form = (side: Side, cell: Cell): string => formOf(side, cell);
    for (const cell of old.alternatives) {
      if (
        !take(
          cell,
          (candidate) =>
            form(this.#new, candidate) === form(this.#old, cell) || canonical(this.#new.view(candidate).value) === canonical(this.#old.view(cell).value),
        )
      )
        gone.push(cell);
    }
    // A form that changed stands where it stood.
    const lost = gone.filter((cell) => rest.length !== gone.length || readSchema(this.#old, cell).component !== undefined || !take(cell, () => true));
    for (const cell of lost) {
      this.#removed(sent ? 'sent alternative removed' : 'received alternative removed', cell, { name, direction, before: form(this.#old, cell) });
    }
    for (const cell of rest)
      this.#added(sent ? 'sent alternative added' : 'received alternative added', cell, { name, direction, after: form(this.#new, cell) });
  }

  /** Marks may be written by name or by reference, their components may get other names, and a new form brings a new mark. */
  #discriminator(old: Cell | undefined, now: Cell | undefined, said: Said): void {
    const read = (cell: Cell | undefined): { property: string; marks: Map<string, string> } => {
      const value = isDict(cell?.value) ? cell.value : {};
      const marks = isDict(value.mapping) ? Object.entries(value.mapping).map(([mark, to]): [string, string] => [mark, textOf(to)]) : [];
      return { property: textOf(value.propertyName ?? ''), marks: new Map(marks) };
    };
    const pointer = (to: string): string => (to.startsWith('#') ? to.slice(1) : `/components/schemas/${to}`);
    const [was, is] = [read(old), read(now)];
    const same = (mark: string, to: string): boolean => {
      const today = is.marks.get(mark);
      return today !== undefined && (pointer(today) === pointer(to) || this.#pairs.get(pointer(to))?.has(pointer(today)) === true);
    };
    const kept = old && now && was.property === is.property && [...was.marks].every(([mark, to]) => same(mark, to));
    if (!kept || was.marks.size === 0) this.#plain('discriminator changed', old, now, said);
    else if (was.marks.size === is.marks.size) {
      this.#old.equalWhole(old);
      this.#new.equalWhole(now);
    } else {
      const marks = [...is.marks.keys()].filter((mark) => !was.marks.has(mark));
      this.#old.reportWhole(old);
      this.#new.reportWhole(now);
      this.#differs('discriminator mark added', old, now, { ...said, after: marks.join(', ') });
    }
  }

  // ---- texts, flags and what is left ----

  #texts(
    name: string,
    old: { readonly entries: ReadonlyMap<string, Cell> },
    now: { readonly entries: ReadonlyMap<string, Cell> },
    direction?: Direction,
  ): void {
    const said: Said = { name, ...(direction ? { direction } : {}) };
    for (const key of textKeys) {
      const [was, is] = [old.entries.get(key), now.entries.get(key)];
      if (!key.startsWith('example')) this.#plain('description', was, is, { ...said, before: key });
      else if (canonical(this.#old.expanded(was?.value)) === canonical(this.#new.expanded(is?.value))) {
        if (was) this.#old.equalWhole(was);
        if (is) this.#new.equalWhole(is);
      } else {
        if (was) this.#old.reportWhole(was);
        if (is) this.#new.reportWhole(is);
        this.#differs('example', was, is, said);
      }
    }
  }

  #flag(old: Cell | undefined, now: Cell | undefined, on: RuleName, off: RuleName, said: Said): void {
    const [was, is] = [old?.value === true, now?.value === true];
    if (was === is) this.#equal(old, now);
    else this.#differs(is ? on : off, old, now, said);
  }

  /** Members that have no rule of their own: extensions, and keys this tool does not know. */
  #others(
    name: string,
    old: { readonly entries: ReadonlyMap<string, Cell> },
    now: { readonly entries: ReadonlyMap<string, Cell> },
    done: readonly string[],
    direction?: Direction,
    field?: string,
  ): void {
    for (const key of new Set([...old.entries.keys(), ...now.entries.keys()])) {
      if (done.includes(key)) continue;
      const [was, is] = [old.entries.get(key), now.entries.get(key)];
      const said: Said = { name, ...(direction ? { direction } : {}) };
      // A second value for a key comes from another part of an `allOf`.
      const plain = key.replace(/#\d+$/, '');
      if (textKeys.includes(plain)) this.#plain(plain.startsWith('example') ? 'example' : 'description', was, is, { ...said, before: plain });
      else if (key === 'x-assumption') this.#assumptions(was, is);
      else if (key.startsWith('x-'))
        this.#plain(extensionRules[key] ?? 'maintainer fact', was, is, { ...said, name: extensionRules[key] ? name : `${key} of ${name}` });
      else if (field === undefined || texts.has(key)) this.#plain('not generated', was, is, { ...said, name: `${key} of ${name}` });
      else
        this.#plain(direction === 'sent' ? 'sent constraint' : 'received constraint', was, is, {
          ...said,
          name,
          before: `${key} ${shown(was?.value)}`,
          after: `${key} ${shown(is?.value)}`,
        });
    }
  }

  #assumptions(oldCell: Cell | undefined, newCell: Cell | undefined): void {
    const byId = (cell: Cell | undefined): Map<string, Cell> => new Map(items(cell).map((item) => [isDict(item.value) ? textOf(item.value.id) : '', item]));
    const [was, is] = [byId(oldCell), byId(newCell)];
    for (const [id, old] of was) {
      const now = is.get(id);
      if (!now) {
        this.#removed('assumption removed', old, { name: id });
        continue;
      }
      this.#plain('assumption default', member(old, 'default'), member(now, 'default'), { name: id });
      for (const key of new Set([...Object.keys(old.value as Dict), ...Object.keys(now.value as Dict)])) {
        if (key !== 'default') this.#plain('assumption', member(old, key), member(now, key), { name: id });
      }
    }
    for (const [id, now] of is) if (!was.has(id)) this.#added('assumption added', now, { name: id });
  }

  // ---- the whole document ----

  #alternatives(side: Side, operation: Operation): Dict[] {
    const cell = operation.view.entries.get('security') ?? member(side.root, 'security');
    return items(cell).map(({ value }) => (isDict(value) ? value : {}));
  }

  #security(old: Operation, now: Operation): void {
    const cellOf = (side: Side, operation: Operation): Cell | undefined => operation.view.entries.get('security') ?? member(side.root, 'security');
    const [oldCell, newCell] = [cellOf(this.#old, old), cellOf(this.#new, now)];
    const read = (side: Side, operation: Operation): string[] => this.#alternatives(side, operation).map(alternativeText);
    const [was, is] = [read(this.#old, old), read(this.#new, now)];
    const at = newCell?.at ?? oldCell?.at ?? now.view.at;
    if (asList(was) === asList(is)) {
      if (was.join() === is.join()) this.#equal(oldCell, newCell);
      else this.#differs('security order', oldCell, newCell, { before: was.join(', or '), after: is.join(', or ') });
      return;
    }
    const open = (list: readonly string[]): boolean => list.length === 0 || list.includes('none');
    if (oldCell) this.#old.reported.add(oldCell.at);
    if (newCell) this.#new.reported.add(newCell.at);
    if (was.length === 0 && is.length > 0 && !open(is)) this.#add('security required', at, { after: is.join(', or ') });
    else if (is.length === 0 && !open(was)) this.#add('security no longer required', at, {});
    else {
      for (const alternative of is) if (!was.includes(alternative)) this.#add('security alternative added', at, { after: alternative });
      for (const alternative of was) if (!is.includes(alternative)) this.#add('security alternative removed', at, { before: alternative });
    }
  }

  #servers(oldCell: Cell | undefined, newCell: Cell | undefined): void {
    const byUrl = (cell: Cell | undefined): Map<string, Cell> => new Map(items(cell).map((item) => [isDict(item.value) ? textOf(item.value.url) : '', item]));
    const [was, is] = [byUrl(oldCell), byUrl(newCell)];
    for (const [url, old] of was) {
      const now = is.get(url);
      if (!now) {
        this.#removed('server removed', old, { name: url });
        continue;
      }
      const [a, b] = [this.#old.view(old), this.#new.view(now)];
      this.#equal(a.entries.get('url'), b.entries.get('url'));
      this.#plain('description', a.entries.get('description'), b.entries.get('description'), { name: `server ${url}`, before: 'description' });
      this.#plain('server changed', a.entries.get('variables'), b.entries.get('variables'), { name: url });
      this.#others(`server ${url}`, a, b, ['url', 'description', 'variables']);
    }
    for (const [url, now] of is) if (!was.has(url)) this.#added('server added', now, { name: url });
    const [[before, after], first] = [[was, is].map((urls) => [...urls.keys()][0]), [...is.values()][0]];
    if (before !== undefined && first !== undefined && before !== after) this.#add('default server changed', first.at, { before, after });
  }

  #wholeDocument(): void {
    const [old, now] = [this.#old.root, this.#new.root];
    const view = (side: Side, key: string): View => side.view(member(side.root, key) ?? { value: Object.create(null), at: join('', key) });
    const [info, infoNow] = [view(this.#old, 'info'), view(this.#new, 'info')];
    for (const key of new Set([...info.entries.keys(), ...infoNow.entries.keys()])) {
      const [was, is] = [info.entries.get(key), infoNow.entries.get(key)];
      if (key === 'description' || key === 'summary' || key === 'title') this.#plain('api texts', was, is, {});
      else if (key === 'x-assumption') this.#assumptions(was, is);
      else this.#plain('api facts', was, is, { name: key });
    }
    this.#servers(member(old, 'servers'), member(now, 'servers'));
    const schemes = (side: Side): Map<string, Cell> => {
      const components = member(side.root, 'components');
      return new Map(members(components && member(components, 'securitySchemes')));
    };
    const [was, is] = [schemes(this.#old), schemes(this.#new)];
    for (const [name, cell] of was) {
      const other = is.get(name);
      if (!other) {
        this.#removed('security scheme removed', cell, { name });
        continue;
      }
      const [a, b] = [this.#old.view(cell), this.#new.view(other)];
      this.#texts(`security scheme ${name}`, a, b);
      for (const key of new Set([...a.entries.keys(), ...b.entries.keys()])) {
        const [before, after] = [a.entries.get(key), b.entries.get(key)];
        if (textKeys.includes(key)) continue;
        if (key === 'x-assumption') this.#assumptions(before, after);
        else if (key.startsWith('x-')) this.#plain('maintainer fact', before, after, { name: `${key} of security scheme ${name}` });
        else if (key === 'bearerFormat') this.#plain('description', before, after, { name: `security scheme ${name}`, before: key });
        else this.#plain('security scheme changed', before, after, { name });
      }
    }
    for (const [name, cell] of is) if (!was.has(name)) this.#added('security scheme added', cell, { name });
    // A requirement of the whole API that every operation overrides says nothing.
    const done = ['info', 'servers', 'components', 'paths', 'webhooks', 'security'];
    const empty: View = { entries: new Map(members(old)), at: '', value: old.value, referred: false };
    this.#others('the document', empty, { entries: new Map(members(now)) }, done);
    for (const section of ['paths', 'webhooks']) {
      const extensions = (side: Side): Map<string, Cell> => new Map(members(member(side.root, section)).filter(([key]) => key.startsWith('x-')));
      const [before, after] = [extensions(this.#old), extensions(this.#new)];
      for (const key of new Set([...before.keys(), ...after.keys()]))
        this.#plain('maintainer fact', before.get(key), after.get(key), { name: `${key} of ${section}` });
    }
    this.#unusedSecurity();
  }

  /** The requirement of the whole API is compared where it is used; here is the case that nothing uses it. */
  #unusedSecurity(): void {
    const [old, now] = [member(this.#old.root, 'security'), member(this.#new.root, 'security')];
    if (canonical(old?.value) === canonical(now?.value)) this.#equal(old, now);
    else if ((!old || !this.#old.explains(old.at)) && (!now || !this.#new.explains(now.at))) this.#differs('api facts', old, now, { name: 'security' });
    else {
      if (old) this.#old.reported.add(old.at);
      if (now) this.#new.reported.add(now.at);
    }
  }

  /** Components that got another name, and those that nobody uses. */
  #components(): void {
    for (const [from, all] of this.#pairs) {
      const name = lastKey(from);
      const names = [...all].map(lastKey);
      if (names.includes(name) || this.#new.at(from) !== undefined) continue;
      for (const to of all) if (this.#old.at(to) === undefined) this.#add('component renamed', to, { before: name, after: lastKey(to) });
    }
    const touched = (side: Side): Set<string> => new Set([...side.equal, ...side.reported].map((pointer) => pointer.split('/').slice(0, 4).join('/')));
    const [usedBefore, usedNow] = [touched(this.#old), touched(this.#new)];
    const sections = new Set([...members(member(this.#old.root, 'components')), ...members(member(this.#new.root, 'components'))].map(([key]) => key));
    for (const section of sections) {
      const read = (side: Side): Map<string, Cell> => new Map(members(side.at(`/components/${section}`)));
      const [was, is] = [read(this.#old), read(this.#new)];
      for (const name of new Set([...was.keys(), ...is.keys()])) {
        const [old, now] = [was.get(name), is.get(name)];
        if (canonical(old?.value) === canonical(now?.value)) continue;
        const label = section === 'schemas' ? name : `${section}/${name}`;
        if ((old && usedBefore.has(old.at)) || (now && usedNow.has(now.at))) {
          // What comes or goes with something else is told on its own, too, so that the table holds all that the files show.
          if (!old && now && this.#new.reported.has(now.at)) this.#add('component added', now.at, { name: label });
          else if (!now && old && this.#old.reported.has(old.at)) this.#add('component removed', old.at, { name: label });
          else if (old && now && section === 'examples') this.#add('example', now.at, { name: label });
          continue;
        }
        if (old && now) this.#differs('unused component changed', old, now, { name: label });
        else if (now) this.#added('unused component added', now, { name: label });
        else if (old) this.#removed('unused component removed', old, { name: label });
      }
    }
  }

  // ---- is anything missing? ----

  #completeness(): { unexplained: string[]; same: number } {
    const [was, is] = [this.#old.leaves(), this.#new.leaves()];
    const unexplained: string[] = [];
    let same = 0;
    const [parents, parentsNow] = [parentsOf(was), parentsOf(is)];
    for (const pointer of new Set([...was.keys(), ...is.keys()])) {
      if (was.get(pointer) === is.get(pointer) && was.has(pointer) === is.has(pointer)) continue;
      // Emptied or filled: what was or is inside is looked at on its own.
      if (parents.has(pointer) || parentsNow.has(pointer)) continue;
      const explained = (!was.has(pointer) || this.#old.explains(pointer)) && (!is.has(pointer) || this.#new.explains(pointer));
      if (!explained) unexplained.push(pointer);
      else if (![this.#old, this.#new].some((side) => side.isMarked(pointer, side.reported))) same += 1;
    }
    return { unexplained, same };
  }
}

type Say = (rule: RuleName, keys: readonly string[], before: unknown, after: unknown) => void;
type Cells = (...keys: readonly string[]) => unknown;

const textKeys = ['description', 'summary', 'title', 'example', 'examples'];
const texts = new Set(['externalDocs', 'xml', '$comment', '$id', '$schema', '$anchor', '$defs', 'definitions']);
const extensionRules: Readonly<Record<string, RuleName>> = {
  'x-source': 'source',
  'x-required-headers': 'fixed header',
  'x-pagination': 'pagination',
};

/** Each limit, with the keys that it may be written by. */
const limitKeys: Readonly<Record<string, readonly string[]>> = {
  minLength: ['minLength'],
  maxLength: ['maxLength'],
  minimum: ['minimum', 'exclusiveMinimum'],
  maximum: ['maximum', 'exclusiveMaximum'],
  exclusiveMinimum: ['exclusiveMinimum', 'minimum'],
  exclusiveMaximum: ['exclusiveMaximum', 'maximum'],
  multipleOf: ['multipleOf'],
  minItems: ['minItems'],
  maxItems: ['maxItems'],
  minProperties: ['minProperties'],
  maxProperties: ['maxProperties'],
};

function isTighter(key: string, was: number | undefined, is: number | undefined): boolean {
  if (is === undefined) return false;
  if (was === undefined) return true;
  // Divided, because a remainder of fractions is never exact: 1 % 0.01 is not 0.
  if (key === 'multipleOf') return Math.abs(was / is - Math.round(was / is)) > 1e-9;
  return /^(?:min|exclusiveMin)/.test(key) ? is > was : is < was;
}

/** Whether yesterday's exclusive limit is at least as tight as today's inclusive one. */
function isCovered(key: string, before: Readonly<Record<string, number | undefined>>, is: number | undefined): boolean {
  const { exclusiveMinimum, exclusiveMaximum } = before;
  if (is === undefined) return false;
  if (key === 'minimum') return exclusiveMinimum !== undefined && exclusiveMinimum >= is;
  return key === 'maximum' && exclusiveMaximum !== undefined && exclusiveMaximum <= is;
}

/** The types of a schema without null; those of its values when it lists values without a type. */
function typesOf(view: SchemaView): string[] {
  if (view.types.length > 0 || !view.shape.enum) return [...view.types];
  return [...new Set(view.shape.enum.filter((value) => value !== null).map((value) => typeof value))];
}

const covers = (wide: string, narrow: string): boolean => wide === narrow || (wide === 'number' && narrow === 'integer');
/** Whether every type of `narrow` is one of `wide`; no type is every type. */
function includesAll(wide: readonly string[], narrow: readonly string[]): boolean {
  if (wide.length === 0) return true;
  return narrow.length > 0 && narrow.every((type) => wide.some((candidate) => covers(candidate, type)));
}

/** The values that a schema lists, without null. */
function closedValues(view: SchemaView): string[] | undefined {
  return view.shape.enum?.filter((value) => value !== null).map((value) => JSON.stringify(value));
}

function usualOf(key: string, place: string, style: unknown): unknown {
  const usual = place === 'path' || place === 'header' ? 'simple' : 'form';
  if (key === 'style') return usual;
  return key === 'explode' && (style ?? usual) === 'form';
}

const placesOf = (path: string): string[] => path.match(/\{[^}]*\}/g) ?? [];
/** Whether the same parameters stand in other places: `/{a}/{b}` and `/{b}/{a}`. */
const isReordered = (before: string, after: string): boolean => before !== after && asList(placesOf(before)) === asList(placesOf(after));
/** A path with its parameters nameless: `/pets/{id}` and `/pets/{petId}` are the same. */
const template = (path: string): string => path.replaceAll(/\{[^}]*\}/g, '{}');
const nothing = (owner: { readonly at: string }): Cell => ({ value: Object.create(null), at: join(owner.at, 'schema') });
const asList = (values: readonly string[]): string => values.toSorted().join('|');
const asSet = (cell: Cell | undefined): string => asList(items(cell).map(({ value }) => textOf(value)));

function alternativeText(alternative: Dict): string {
  const parts = Object.keys(alternative)
    .toSorted()
    .map((name) => {
      const scopes = alternative[name];
      return Array.isArray(scopes) && scopes.length > 0 ? `${name} (${scopes.map(textOf).toSorted().join(', ')})` : name;
    });
  return parts.join(' and ') || 'none';
}

function quoted(name: string): string {
  return name === '' ? 'the API' : `\`${visible(name)}\``;
}

/** A value as a text shows it: short, on one line. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = visible((typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replaceAll(/\s+/g, ' '));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** All places that hold others. */
function parentsOf(all: ReadonlyMap<string, unknown>): Set<string> {
  const parents = new Set<string>();
  for (const pointer of all.keys()) {
    for (let end = pointer.lastIndexOf('/'); end >= 0 && !parents.has(pointer.slice(0, end)); end = pointer.lastIndexOf('/', end - 1)) {
      parents.add(pointer.slice(0, end));
      if (end === 0) break;
    }
  }
  return parents;
}
