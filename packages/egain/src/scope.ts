/** A list of scopes as OAuth writes it. */
export function joinScope(scope: string | readonly string[] | undefined): string | undefined {
  return typeof scope === 'string' || scope === undefined ? scope : scope.join(' ');
}
