/**
 * The shape of a generated operation: what the code generator writes and what the request path reads.
 *
 * An {@link Operation} is plain data. All behaviour lives in this package, once; the only functions that a descriptor
 * may hold are codecs, so that a bundle contains one only when one of its operations needs it.
 */

import type { BinaryReader } from './content.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import type { Violation } from './scalar-rules.ts';

/** Where a parameter travels. */
export type ParameterLocation = 'path' | 'query' | 'header' | 'cookie';

/** How a parameter that is an array or an object is written (OpenAPI `style`). */
export type ParameterStyle = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';

/** The name of a JSON type. */
export type SchemaType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null';

/**
 * The rules that a value sent by the caller is checked against before any request: the part of an OpenAPI schema that
 * can refuse a value. Absent members refuse nothing.
 */
export interface Schema {
  readonly type?: SchemaType | readonly SchemaType[];
  /** OpenAPI 3.0 `nullable`. */
  readonly nullable?: true;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  /** Characters (Unicode code points). */
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly items?: SchemaReference;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: true;
  readonly properties?: Readonly<Record<string, SchemaReference>>;
  readonly required?: readonly string[];
  /** `false` refuses members that are not listed; a schema checks them. */
  readonly additionalProperties?: false | SchemaReference;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly SchemaReference[];
  readonly anyOf?: readonly SchemaReference[];
  readonly oneOf?: readonly SchemaReference[];
  readonly not?: SchemaReference;
  /** `x-accept-integer`: a string of digits that may also be given as a safe integer. */
  readonly acceptInteger?: true;
  /** `x-secret` or `format: password`: the value never appears in an error. */
  readonly secret?: true;
  /** A member that only the server writes: never required in a request. */
  readonly readOnly?: true;
  /** The value that is sent when a required parameter is left out. */
  readonly default?: unknown;
}

/** A schema, or a function that gives one: recursive schemas refer to each other by functions. */
export type SchemaReference = Schema | (() => Schema);

/** One parameter in path, query, header or cookie. */
export type ParameterDescriptor = SingleValue | StyledValue;

interface ParameterBase {
  /** The name on the wire. */
  readonly name: string;
  readonly in: ParameterLocation;
  /** The member of the call's argument, where it is not `name` (two parameters of one name: `'query:id'`). */
  readonly key?: string;
  readonly required?: true;
  /** The header carries a credential (`AccessToken`): the client's `auth` supplies it when the caller does not. */
  readonly credential?: true;
  readonly schema?: SchemaReference;
}

/** A text, number, boolean or date in the default style. */
interface SingleValue extends ParameterBase {
  readonly codec?: undefined;
  readonly style?: undefined;
  readonly explode?: undefined;
  readonly allowReserved?: undefined;
  readonly contentType?: undefined;
}

/** A list, an object, or a style of its own: such parameters bring the code that checks and writes them. */
interface StyledValue extends ParameterBase {
  /** `styled` of this package. */
  readonly codec: ParameterCodec;
  /** Absent: OpenAPI's default of the location (`simple` in path and header, `form` in query and cookie). */
  readonly style?: ParameterStyle;
  /** Absent: OpenAPI's default of the style (`true` for `form`, else `false`). */
  readonly explode?: boolean;
  /** Reserved characters of RFC 3986 stay as they are (query only). */
  readonly allowReserved?: true;
  /** The value is written in this media type (`content` instead of `schema`), which is JSON in all documents seen. */
  readonly contentType?: string;
}

/** Checks a value and writes it to its place. */
export interface ParameterCodec {
  check(value: unknown, schema: SchemaReference, path: string): Violation | undefined;
  path(parameter: ParameterDescriptor, value: unknown): string;
  /** Encoded `name=value` pairs. */
  query(parameter: ParameterDescriptor, value: unknown): string[];
  header(parameter: ParameterDescriptor, value: unknown): string | undefined;
  cookie(parameter: ParameterDescriptor, value: unknown): string[];
}

/** One media type that a request body may have. */
export type BodyContent = PlainContent | EncodedContent;

/** JSON or text, unchecked. */
interface PlainContent {
  readonly schema?: undefined;
  readonly encode?: undefined;
  readonly encoding?: undefined;
}

/** Most bodies bring the code that checks and writes them: a bundle holds only what its operations send. */
interface EncodedContent {
  readonly schema?: SchemaReference;
  /** `json`, `raw` (bytes, texts, XML), `form` or `multipart` of this package. */
  readonly encode: BodyEncoder;
  /** OpenAPI `encoding`: per member of a form or multipart body. */
  readonly encoding?: Readonly<Record<string, PartEncoding>>;
}

/** Checks a body and writes it. */
export interface BodyEncoder {
  check?(value: unknown, schema: SchemaReference, path: string): Violation | undefined;
  /** The media type of a value for which no document gives one. */
  typeOf?(value: unknown): string | undefined;
  /** Whether the value is a platform object that is sent as it is: `FormData`, `URLSearchParams`. */
  takes?(value: unknown): boolean;
  /** @throws TypeError, or SerializeError, saying what is wrong with the body. */
  encode(value: unknown, encoding: Readonly<Record<string, PartEncoding>> | undefined, contentType: string): EncodedBody;
}

/** A body ready to be sent, with the `Content-Type` that it needs. */
export interface EncodedBody {
  readonly contentType: string;
  readonly body: OutgoingBody;
}

/** OpenAPI's Encoding Object. */
export interface PartEncoding {
  readonly contentType?: string;
  readonly style?: ParameterStyle;
  readonly explode?: boolean;
  readonly allowReserved?: true;
}

/** The request body of an operation. */
export interface BodyDescriptor {
  readonly required?: true;
  /** Media type to content, in document order with JSON first; the first is sent unless the call says otherwise. */
  readonly content: Readonly<Record<string, BodyContent>>;
}

/** A security scheme as the document declares it. */
export type SecurityScheme =
  | { readonly name: string; readonly type: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly parameter: string }
  | { readonly name: string; readonly type: 'http'; readonly scheme: string }
  | { readonly name: string; readonly type: 'oauth2' | 'openIdConnect' | 'mutualTLS'; readonly scopes?: readonly string[] };

/** What one status answers: the media types in document order; an empty list is an answer without a body. */
export type ResponseDescriptor = readonly string[];

/** The untyped data of an operation. */
export interface OperationDescriptor {
  /** The method's name on the client: the document's operationId, made an identifier. */
  readonly id: string;
  readonly method: string;
  /** The path template below `baseUrl`, for example `/assets/{id}`. */
  readonly path: string;
  readonly parameters?: readonly ParameterDescriptor[];
  readonly body?: BodyDescriptor;
  /** Status (`'200'`, `'4XX'`, `'default'`) to media types. */
  readonly responses: Readonly<Record<string, ResponseDescriptor>>;
  /** Reads binary answers; present when a documented success answer is binary. */
  readonly binary?: BinaryReader;
  /** Every success answer in JSON is documented as an object or an array: nothing, `null` or a plain value is an error, not a result. */
  readonly structured?: true;
  /** The success answer holds a secret (a login): when it has another form than documented, none of it is shown. */
  readonly secretAnswer?: true;
  /** Headers with one legal value (`x-required-headers`), sent on every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Alternatives (OR), each a list of schemes that apply together (AND). An empty list of alternatives: no credentials.
   * Absent: the document does not say.
   */
  readonly security?: readonly (readonly SecurityScheme[])[];
  /** The vendor calls this one: `path` is empty, and a call sends the event to `baseUrl` itself. */
  readonly webhook?: true;
}

/**
 * A typed operation.
 *
 * @typeParam Params - The flat argument: path, query, header and cookie parameters under their own names, a body under `body`.
 * @typeParam Responses - Status to body: `{ '200': Asset; '404': ErrorBody }`.
 * @typeParam Accepts - Media type to body, where a success answer has more than one: `{ 'application/xml': string }`.
 */
export interface Operation<Params = unknown, Responses = unknown, Accepts = unknown> extends OperationDescriptor {
  /** Only types; never present at run time. */
  readonly '~types'?: { readonly params: Params; readonly responses: Responses; readonly accepts: Accepts };
}

/** Any operation. */
// oxlint-disable-next-line typescript/no-explicit-any -- the only type every operation is assignable to
export type AnyOperation = Operation<any, any, any>;
