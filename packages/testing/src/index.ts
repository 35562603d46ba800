export { createFakes } from './fakes.ts';
export type { Fakes, FakesOptions, FakesServer } from './fakes.ts';
export { createFakeEgain } from './egain/fake.ts';
export { createFakeTenovos } from './tenovos/fake.ts';
export { createFakeWorldServer } from './worldserver/fake.ts';
export { fault, Fault, type FaultPlan, type FaultWords, type PendingFault, type StatusFaultOptions } from './core/faults.ts';
export { FakeError, type FakeOptions } from './core/engine.ts';
export type { FakeCall, HostRole } from './core/calls.ts';
export type { ClockMode, Duration, FakeClock } from './core/clock.ts';
export type { ContentSeed } from './core/content.ts';
export type { Fake, FakeServer } from './core/fake.ts';
export type { FakeFetch } from './core/fetch.ts';
export type { ListenOptions } from './core/server.ts';
export type {
  EgainAssumptions,
  EgainAssetSeed,
  EgainAttachmentSeed,
  EgainOperation,
  EgainSeed,
  FakeEgain,
  FakeEgainOptions,
  FakeEgainServer,
} from './egain/index.ts';
export type {
  FakeTenovos,
  FakeTenovosOptions,
  FakeTenovosServer,
  TenovosAssetSeed,
  TenovosAssumptions,
  TenovosMetadataSeed,
  TenovosOperation,
  TenovosSeed,
} from './tenovos/index.ts';
export type {
  FakeWorldServer,
  FakeWorldServerOptions,
  FakeWorldServerServer,
  WorldServerAssumptions,
  WorldServerOperation,
  WorldServerSeed,
  WorldServerTaskSeed,
} from './worldserver/index.ts';
export { scenarios, type Scenarios } from './scenarios.ts';
export { seedFrom, type SeedFrom } from './seed-from.ts';
