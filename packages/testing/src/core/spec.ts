import type { Schema } from './schema.ts';

/** What the build keeps of an OpenAPI document: the parts that a request or an answer can contradict. */
export interface Spec {
  readonly title: string;
  readonly operations: Readonly<Record<string, SpecOperation>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** One operation of a {@link Spec}. */
export interface SpecOperation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly SpecParameter[];
  readonly requiredHeaders?: Readonly<Record<string, string | { readonly enum: readonly string[]; readonly default?: string }>>;
  readonly body?: { readonly required: boolean; readonly content: Readonly<Record<string, Schema | null>> };
  /** Status to media types; a status without a body has none. */
  readonly responses: Readonly<Record<string, Readonly<Record<string, Schema | null>>>>;
}

/** One parameter of a {@link SpecOperation}. */
export interface SpecParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly schema?: Schema;
  readonly style?: string;
  readonly explode?: boolean;
  readonly alsoIn?: readonly string[];
}
