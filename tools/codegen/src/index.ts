/** Generates typed clients from OpenAPI documents. */

export { findJobs, generate, type DocumentReport, type GenerateOptions, type Job, type Report } from './generate.ts';
export { readApi, type ReadApi } from './read-api.ts';
export { CodegenError, describeRepairs, type Repair, type RepairKind } from './report.ts';
export { readStamp, stampFile, verifyStamp, type Stamp } from './stamp.ts';
