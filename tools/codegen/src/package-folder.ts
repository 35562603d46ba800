import { fileURLToPath } from 'node:url';

/** This package's own folder, from `src/` and from `dist/` alike. */
export const packageFolder: string = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');

/** The templates that own the look of generated code. */
export const templateFolder: string = fileURLToPath(new URL('../templates', import.meta.url));
