/** Java and the generator's JAR: found, fetched, checked, run. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageFolder } from './package-folder.ts';
import { CodegenError } from './report.ts';

/** What `openapi-generator.json` of this package pins. */
export interface GeneratorPin {
  readonly version: string;
  /** Of the JAR. */
  readonly sha256: string;
}

/** The generator version and the checksum of its JAR that this package is made for. */
export async function readGeneratorPin(): Promise<GeneratorPin> {
  const config = JSON.parse(await readFile(join(packageFolder, 'openapi-generator.json'), 'utf8')) as { 'generator-cli': GeneratorPin };
  return config['generator-cli'];
}

/**
 * Finds Java.
 *
 * @returns The command.
 * @throws CodegenError when there is none, or one that is too old.
 */
export async function findJava(): Promise<string> {
  const home = process.env.JAVA_HOME;
  const own = home === undefined || home === '' ? undefined : join(home, 'bin', process.platform === 'win32' ? 'java.exe' : 'java');
  const command = own !== undefined && existsSync(own) ? own : 'java';
  const answer = await run(command, ['-version']);
  const install =
    'Install a Java runtime, version 11 or newer (for example "apt install default-jre-headless", "brew install openjdk" or adoptium.net), or set JAVA_HOME. ' +
    'Only generating code needs Java; everything else works without it.';
  if (answer.code !== 0) throw new CodegenError('Java was not found, and the OpenAPI generator runs on it.', install);
  const major = Number(/version "(?:1\.)?(\d+)/.exec(answer.output)?.[1]);
  if (major < 11) throw new CodegenError(`Java ${major} is too old for the OpenAPI generator.`, install);
  return command;
}

/**
 * Finds the generator's JAR, or has the wrapper download it, and checks its checksum.
 *
 * @param options - `jar`: an existing JAR, instead of the cache. `log`: told when something is downloaded.
 * @returns Path of the JAR.
 * @throws CodegenError when it is not there and cannot be downloaded, or is not the one that is pinned.
 */
export async function findJar(options: { jar?: string; log: (line: string) => void }): Promise<string> {
  const pin = await readGeneratorPin();
  const given = options.jar ?? process.env.ASSET_CLIENTS_GENERATOR_JAR;
  if (given !== undefined && given !== '') {
    if (!existsSync(given)) throw new CodegenError(`There is no file ${given}.`, 'Check --jar or ASSET_CLIENTS_GENERATOR_JAR.');
    await checkJar(given, pin);
    return given;
  }
  const folder = await cacheFolder();
  const jar = join(folder, `${pin.version}.jar`);
  if (!existsSync(jar)) {
    options.log(`downloading OpenAPI Generator ${pin.version} (32 MB, once)`);
    await download(jar, pin);
  }
  await checkJar(jar, pin);
  return jar;
}

/** Downloads into a temporary folder first: a broken download must not stay in the cache. */
async function download(jar: string, pin: GeneratorPin): Promise<void> {
  const temporary = await mkdtemp(join(dirname(jar), 'download-'));
  try {
    const config = join(temporary, 'openapitools.json');
    await writeFile(config, JSON.stringify({ 'generator-cli': { version: pin.version, storageDir: temporary } }));
    const wrapper = createRequire(import.meta.url).resolve('@openapitools/openapi-generator-cli/main.js');
    const answer = await run(process.execPath, [wrapper, 'version-manager', 'set', pin.version, '--openapitools', config], {
      // The wrapper looks for newer versions first, which needs a second server and is of no use here.
      OPENAPI_GENERATOR_CLI_SEARCH_URL: 'DEFAULT',
    });
    const loaded = join(temporary, `${pin.version}.jar`);
    if (!existsSync(loaded)) {
      const reason = /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|EPROTO|CERT|status code \d+/.exec(answer.output)?.[0];
      throw new CodegenError(
        `The OpenAPI generator could not be downloaded${reason === undefined ? '' : ` (${reason})`}.`,
        `It is openapi-generator-cli-${pin.version}.jar of Maven Central (org.openapitools:openapi-generator-cli:${pin.version}). ` +
          `Fetch it on a machine with network and put it at ${jar}, or name it with --jar <file> or ASSET_CLIENTS_GENERATOR_JAR. Behind a proxy, set HTTPS_PROXY.`,
      );
    }
    await checkJar(loaded, pin);
    await rename(loaded, jar);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function checkJar(jar: string, pin: GeneratorPin): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(jar)) hash.update(chunk as Buffer);
  const found = hash.digest('hex');
  if (found !== pin.sha256) {
    throw new CodegenError(
      `${jar} is not the generator that is expected: its sha256 is ${found}, not ${pin.sha256}.`,
      `Delete it and run again, or fetch org.openapitools:openapi-generator-cli:${pin.version} anew. It was not run.`,
    );
  }
}

/** A folder that survives until the package is removed, else one of the user. */
async function cacheFolder(): Promise<string> {
  const user = process.env.XDG_CACHE_HOME ?? (process.platform === 'win32' ? process.env.LOCALAPPDATA : undefined) ?? join(homedir(), '.cache');
  for (const folder of [
    join(packageFolder, 'node_modules', '.cache', 'openapi-generator'),
    join(user, 'asset-clients-codegen'),
    join(tmpdir(), 'asset-clients-codegen'),
  ]) {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
      return folder;
    } catch {
      // The next one, then.
    }
  }
  throw new CodegenError('There is no folder in which the generator can be kept.', 'Name an existing JAR with --jar <file>.');
}

/** Runs a program to its end and returns all that it printed. */
export function run(command: string, parameters: readonly string[], environment: Record<string, string> = {}): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    execFile(command, parameters, { env: { ...process.env, ...environment }, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      done({ code, output: `${stdout}\n${stderr}${error !== null && typeof error.code === 'string' ? error.message : ''}` });
    });
  });
}
