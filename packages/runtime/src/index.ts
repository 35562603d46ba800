/** What generated code and vendor packages are built on. Users of a vendor package find all they need there. */

export { sleep } from './abort.ts';
export {
  credentials,
  SessionCache,
  toAuthStrategy,
  type AuthContext,
  type AuthOption,
  type AuthorizableRequest,
  type AuthStrategy,
  type Credentials,
  type SessionRules,
  type SessionStore,
  type TokenSource,
} from './auth.ts';
export { checkArgument, checkContent, wrongArgument, type JobRules } from './check-argument.ts';
export { checkCallOptions } from './call.ts';
export { binaryBody } from './binary-body.ts';
export type { BinaryBody, SizedSource } from './binary-value.ts';
export { anyBody, json, raw } from './body-encoders.ts';
export { form, multipart, type FilePart, type FormEncoder, type NamedPart } from './form-bodies.ts';
export { bindOperations, createClient, toApiCall, type Client, type ClientBase, type RequestParams } from './client.ts';
export { systemClock, type Clock } from './clock.ts';
export { binary, type BinaryReader, type Content, type FileOptions, type FileReceipt } from './content.ts';
export type { EventError, RequestEvent, TransferEvent } from './events.ts';
export { contentOf, type ContentFacts } from './content-of.ts';
export type { TransferReceipt } from './download.ts';
export { checkLogin, type LoginRules } from './check-login.ts';
export { connect, type Connection, type Maker } from './connection.ts';
export { ApiError, invalidRequest, sayNextStep, type ApiErrorInit, type ErrorKind, type ErrorOutcome } from './errors.ts';
export { safeFileName } from './file-name.ts';
export { hashedContent, type HashedContent } from './hashed-content.ts';
export { fingerprint } from './fingerprint.ts';
export { nearest } from './nearest.ts';
export type {
  AnyOperation,
  BodyContent,
  BodyDescriptor,
  BodyEncoder,
  EncodedBody,
  Operation,
  OperationDescriptor,
  ParameterCodec,
  ParameterDescriptor,
  PartEncoding,
  Schema,
  SchemaReference,
  SecurityScheme,
} from './operation.ts';
export type { ApiCall, ApiErrorOf, ApiResponse, ErrorAnswer, Method, Methods, SuccessBody } from './method-types.ts';
export type { CallOptions, ClientOptions, Logger, LogLevel, TimeLimits, TransferProgress } from './options.ts';
export { readCommonError, type ErrorFacts, type ErrorRow, type VendorProfile } from './vendor-profile.ts';
export { Redactor, redactUrl } from './redact.ts';
export { storageErrors, storageRetryTable } from './storage-tables.ts';
export { defaultRetryTable, type AttemptResult, type RetryRow, type RetryTable } from './retry.ts';
export { downloadSigned, signOnce, uploadSigned, type AddressSource, type SignedAddress, type SignedDownload, type SignedUpload } from './signed-transfer.ts';
export type { OutgoingBody } from './outgoing-body.ts';
export { styled } from './serialize.ts';
