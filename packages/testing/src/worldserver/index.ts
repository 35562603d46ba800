export { fault, Fault, type FaultPlan, type FaultWords, type PendingFault, type StatusFaultOptions } from '../core/faults.ts';
export { FakeError } from '../core/engine.ts';
export type { FakeCall, HostRole } from '../core/calls.ts';
export type { ClockMode, Duration, FakeClock } from '../core/clock.ts';
export type { ContentSeed } from '../core/content.ts';
export type { FakeOptions } from '../core/engine.ts';
export type { Fake, FakeServer } from '../core/fake.ts';
export type { FakeFetch } from '../core/fetch.ts';
export type { ListenOptions } from '../core/server.ts';
export { createFakeWorldServer } from './fake.ts';
export type {
  FakeWorldServer,
  FakeWorldServerFile,
  FakeWorldServerOptions,
  FakeWorldServerServer,
  FakeWorldServerTask,
  FakeWorldServerUpload,
  WorldServerClientOptions,
} from './fake.ts';
export type { WorldServerAssumptions } from './assumptions.ts';
export type { WorldServerOperation } from './operations.ts';
export type {
  WorldServerFileSeed,
  WorldServerProjectGroupSeed,
  WorldServerProjectSeed,
  WorldServerSeed,
  WorldServerTaskSeed,
  WorldServerUserSeed,
} from './seed.ts';
