declare module '*.yaml' {
  import type { Spec } from './core/spec.ts';
  const spec: Spec;
  export default spec;
}
