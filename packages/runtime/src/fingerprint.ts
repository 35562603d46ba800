/**
 * A short name for a text that must not be shown itself (FNV-1a, 64 bits): tells logins in a session store apart. No
 * protection for texts that can be guessed.
 */
export function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(36);
}
