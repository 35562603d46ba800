import { invalidRequest } from '@asset-clients/runtime';

/** The argument of a job, when it is an object without members that the job does not know. */
export function checkArgument<Params extends object>(params: Params, operation: string, known: readonly (keyof Params & string)[]): Params {
  const refuse = (message: string): never => {
    throw invalidRequest({ vendor: 'egain', operation, message, hint: 'Correct the argument; no request was sent.' });
  };
  if (typeof params !== 'object' || params === null) return refuse('the argument must be an object');
  const unknown = Object.keys(params).find((name) => !(known as readonly string[]).includes(name));
  return unknown === undefined ? params : refuse(`${unknown} is not an argument of this job (it has ${known.join(', ')})`);
}
