/** What the address of a login page needs of the OAuth library. */
export { calculatePKCECodeChallenge, generateRandomCodeVerifier, generateRandomState } from 'oauth4webapi';
