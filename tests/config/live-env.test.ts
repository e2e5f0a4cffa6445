import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readEnv } from '#config/env.ts';
import { LiveEnv } from '#config/live-env.ts';

/** A file to reread, and how it is written. */
function envFile(text: string) {
  const directory = mkdtempSync(join(tmpdir(), 'live-env-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'env');
  const write = (next: string): void => writeFileSync(path, next);
  write(text);
  return { path, write, remove: () => rmSync(path) };
}

function live(text: string, env: Readonly<Record<string, string>> = {}) {
  const file = envFile(text);
  return { file, live: new LiveEnv(() => readEnv({ ...env, ENV_FILE: file.path })) };
}

describe('ENV_FILE', () => {
  it('goes before the environment, where it says something', () => {
    const { path } = envFile('# comment\nWORKER_ATTEMPTS_MAX=7\nexport LOG_LEVEL="warn"\nPORT=\n');
    const env = readEnv({ ENV_FILE: path, WORKER_ATTEMPTS_MAX: '3', PORT: '1', S3_BUCKET: 'abc' });
    expect(env).toMatchObject({ WORKER_ATTEMPTS_MAX: 7, LOG_LEVEL: 'warn', S3_BUCKET: 'abc' });
    expect(env.PORT).toBe(3000);
  });

  it('cannot name another', () => {
    const { path } = envFile('ENV_FILE=/no/such');
    expect(readEnv({ ENV_FILE: path }).ENV_FILE).toBe(path);
  });

  it('is a fault among others where it cannot be read', () => {
    const source = { ENV_FILE: '/no/such', LOG_LEVEL: 'loud' };
    expect(() => readEnv(source)).toThrow("ENV_FILE cannot be read (ENOENT), '/no/such'");
    expect(() => readEnv(source)).toThrow('LOG_LEVEL has to be');
  });

  it('shows no secret of its own', () => {
    const { path } = envFile('REDIS_URL=http://:hunter2@cache');
    expect(() => readEnv({ ENV_FILE: path })).toThrow(/^(?![\s\S]*hunter2)[\s\S]*REDIS_URL/);
  });
});

describe('LiveEnv', () => {
  it('is refused as an environment is', () => {
    expect(() => live('LOG_LEVEL=loud')).toThrow('LOG_LEVEL');
  });

  it('rereads the tunables, and says which', () => {
    const { file, live: it } = live('WORKER_ATTEMPTS_MAX=3', { LOG_LEVEL: 'warn' });
    file.write('WORKER_ATTEMPTS_MAX=4\nWORKER_CONCURRENCY=2\nLOG_LEVEL=debug');
    expect(it.env).toMatchObject({ WORKER_ATTEMPTS_MAX: 3, WORKER_CONCURRENCY: 16 });
    const changed = { WORKER_ATTEMPTS_MAX: 4, WORKER_CONCURRENCY: 2, LOG_LEVEL: 'debug' };
    expect(it.reread()).toEqual({ kind: 'reread', changed, later: [] });
    expect(it.env).toMatchObject(changed);
    expect({ ...it.env }).toMatchObject(changed);
    expect(it.reread()).toEqual({ kind: 'reread', changed: {}, later: [] });
    file.write('');
    it.reread();
    expect(it.env).toMatchObject({ WORKER_CONCURRENCY: 16, LOG_LEVEL: 'warn' });
  });

  it('names what only counts at the next start, for as long as it differs, and keeps it', () => {
    const { file, live: it } = live('S3_BUCKET=abc\nREDIS_URL=redis://a');
    file.write(
      'S3_BUCKET=xyz\nREDIS_URL=redis://:hunter2@b\nWORKER_ATTEMPTS_MAX=2\nHOST=localhost',
    );
    const later = ['HOST', 'REDIS_URL', 'S3_BUCKET'];
    for (const changed of [{ WORKER_ATTEMPTS_MAX: 2 }, {}]) {
      const result = it.reread();
      expect(result).toMatchObject({ kind: 'reread', changed });
      expect('later' in result && [...result.later].sort()).toEqual(later);
      expect(JSON.stringify(result)).not.toContain('hunter2');
    }
    expect(it.env).toMatchObject({ S3_BUCKET: 'abc', REDIS_URL: 'redis://a', HOST: '127.0.0.1' });
  });

  it('keeps all of it where one value is faulty, or the file is gone', () => {
    const { file, live: it } = live('WORKER_ATTEMPTS_MAX=3');
    file.write('WORKER_ATTEMPTS_MAX=4\nPORT=high\nLOG_LEVEL=loud');
    const refused = it.reread();
    expect(refused).toMatchObject({ kind: 'refused', faults: [{}, {}] });
    expect(it.env.WORKER_ATTEMPTS_MAX).toBe(3);
    file.remove();
    expect(it.reread()).toMatchObject({ kind: 'refused', faults: [{ pointer: '/ENV_FILE' }] });
    expect(it.env.WORKER_ATTEMPTS_MAX).toBe(3);
  });

  it('has nothing to reread without a file', () => {
    const none = new LiveEnv(() => readEnv({}));
    expect(none.reread()).toEqual({ kind: 'no file' });
    expect(none.env.PORT).toBe(3000);
  });
});
