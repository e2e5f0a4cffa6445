import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from './has-code.ts';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const FILE = 'credentials.json';

/** The access key of a data directory: made once, at random, and readable by its owner only. */
export function accessKeyOf(dataDir: string): AccessKey {
  const path = join(dataDir, FILE);
  try {
    const fresh = JSON.stringify(randomAccessKey());
    writeFileSync(path, fresh, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}

function randomAccessKey(): AccessKey {
  return {
    accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64url'),
  };
}

/**
 * Whether an Authorization header names this access key.
 *
 * The emulators of SQS, SNS and DynamoDB check no signature. Naming a random key is what a web page that probes
 * loopback ports can not do.
 */
export function carriesKey(authorization: string | undefined, { accessKeyId }: AccessKey): boolean {
  return authorization?.includes(`Credential=${accessKeyId}/`) ?? false;
}
