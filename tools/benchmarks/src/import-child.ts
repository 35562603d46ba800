/** Imports the modules named as arguments and prints what that loaded and did; run in a process of its own. */

import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { registerHooks, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';

// As an ESM import it would load Node's fetch.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');
const loaded: string[] = [];
const done: string[] = [];

/** Node's own module loader reads files, too: what counts are calls of the imported modules. */
function isCalledByModule(): boolean {
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  return frames.some((frame) => !/\(?(?:node:|<anonymous>)/.test(frame) && !frame.includes('import-child.ts'));
}

/** Every function of an object tells that it was called. */
function watch(name: string, object: object, only?: readonly string[]): void {
  for (const key of only ?? Object.keys(object)) {
    // Classes stay; reading some (http.WebSocket) would load what this is to notice.
    if (/^[A-Z_]/.test(key)) continue;
    const member: unknown = (object as Record<string, unknown>)[key];
    if (typeof member !== 'function') continue;
    const watched = function (this: unknown, ...args: unknown[]): unknown {
      if (isCalledByModule()) done.push(`${name}.${key}`);
      return Reflect.apply(member, this, args) as unknown;
    };
    Object.defineProperty(object, key, { value: watched, configurable: true, writable: true });
  }
}

watch('globalThis', globalThis, ['fetch', 'setTimeout', 'setInterval', 'setImmediate']);
watch('fs', fs);
watch('fsPromises', fsPromises);
for (const [name, module] of Object.entries({ net, tls, http, https, dns, dgram, childProcess })) watch(name, module);
watch('net.Socket.prototype', net.Socket.prototype, ['connect']);
syncBuiltinESMExports();
registerHooks({
  load(url, context, nextLoad) {
    loaded.push(url);
    return nextLoad(url, context);
  },
});
/** Naming `Response` or `Headers` at the top of a module is enough to load it, and costs more than our own code. */
const hasFetch = (): boolean => (process as unknown as { moduleLoadList: string[] }).moduleLoadList.some((name) => name.includes('deps/undici'));
const hadFetch = hasFetch();
const globals = Object.getOwnPropertyNames(globalThis).length + Object.getOwnPropertySymbols(globalThis).length;
const listeners = process.eventNames().length;

for (const specifier of process.argv.slice(2)) {
  await import(specifier);
}

const changes = [
  ...(hasFetch() === hadFetch ? [] : ["Node's fetch is loaded"]),
  ...(Object.getOwnPropertyNames(globalThis).length + Object.getOwnPropertySymbols(globalThis).length === globals ? [] : ['a new global']),
  ...(process.eventNames().length === listeners ? [] : ['a listener on process']),
  ...process.getActiveResourcesInfo().filter((resource) => !/^(?:PipeWrap|TTYWrap|FSReqPromise|FSReqCallback|CloseReq)$/.test(resource)),
];
process.stdout.write(JSON.stringify({ loaded, done, changes }));
