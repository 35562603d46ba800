/** The operations on their own: `createClient({ getAsset }, options)` leaves all others out of a bundle. */

export * from './generated/assets/operations.ts';
