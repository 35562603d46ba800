/** The operations on their own: `createClient({ getAsset }, options)` leaves all others out of a bundle. */

export * from './generated/attachments/operations.ts';
export * from './generated/conversation/operations.ts';
