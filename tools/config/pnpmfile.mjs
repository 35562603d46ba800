/** Takes out of the packed manifests what is of no use to those who install them. */
export const hooks = {
  beforePacking(manifest) {
    const { devDependencies: _devDependencies, scripts: _scripts, ...rest } = manifest;
    return rest;
  },
};
