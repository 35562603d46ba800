/** The dts plugin leaves out maps of declarations, but not the comments that name them. */
export const noMapOfTypes: { readonly name: string; generateBundle(options: unknown, bundle: Record<string, { fileName: string; code?: string }>): void } = {
  name: 'no-map-of-types',
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.fileName.endsWith('.d.ts') && file.code !== undefined) file.code = file.code.replace(/\n?\/\/# sourceMappingURL=.*\n?$/, '\n');
    }
  },
};
