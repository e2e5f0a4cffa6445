import { describe, expect, it, vi } from 'vitest';
import { readEnv, readEnvWith, redacted, variableRows } from '#config/env.ts';
import { ForgeError } from '#domain/errors.ts';

const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const OTHER_HASH = '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752';

/** What is said of an environment that is refused. */
function refusal(source: Record<string, string>): ForgeError {
  try {
    readEnv(source);
  } catch (error) {
    if (error instanceof ForgeError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('readEnv', () => {
  it('needs nothing to be set', () => {
    const env = readEnv({});
    expect(env).toMatchObject({ PORT: 3000, HOST: '127.0.0.1', AWS_REGION: 'us-east-1' });
    expect(env).toMatchObject({ WORKER_CONCURRENCY: 16, LOG_LEVEL: 'info', CORS_ORIGINS: ['*'] });
    expect(env.API_KEYS).toBeUndefined();
    expect(env.REDIS_URL).toBeUndefined();
    expect(env.METRICS_PORT).toBeUndefined();
    expect(env).toMatchObject({ WORKER_CONCURRENCY_MIN: 4, WORKER_CONCURRENCY_MAX: 256 });
    expect(env.AWS_ENDPOINT_URL).toBeUndefined();
  });

  it('takes an empty variable for one that is not set', () => {
    const names = variableRows().map(({ name }) => name);
    const empty = Object.fromEntries(names.map((name) => [name, '']));
    expect(readEnv(empty)).toEqual(readEnv({}));
  });

  it('knows only its own variables, and cannot be changed', () => {
    const env = readEnv({ PATH: '/bin', AWS_SECRET_ACCESS_KEY: 'sesame' });
    expect(JSON.stringify(env)).not.toContain('sesame');
    expect(env).not.toHaveProperty('PATH');
    expect(Object.isFrozen(env)).toBe(true);
  });

  it('reads the process where nothing else is given', () => {
    vi.stubEnv('PORT', '4321');
    expect(readEnv().PORT).toBe(4321);
    expect(readEnvWith({ HOST: 'localhost' })).toMatchObject({ PORT: 4321, HOST: 'localhost' });
    expect(readEnvWith({ PORT: '' }).PORT).toBe(3000);
    vi.unstubAllEnvs();
  });

  it.each([
    ['PORT', '0', 0],
    ['PORT', '65535', 65_535],
    ['WORKER_CONCURRENCY', '1', 1],
    ['WORKER_CONCURRENCY', '1024', 1024],
    ['WORKER_CONCURRENCY', 'auto', 'auto'],
    ['WORKER_CONCURRENCY_MIN', '256', 256],
    ['WORKER_CONCURRENCY_MAX', '4', 4],
    ['METRICS_PORT', '0', 0],
    ['WORKER_ATTEMPTS_MAX', '007', 7],
    ['AWS_ENDPOINT_URL', 'http://localhost:4566', 'http://localhost:4566'],
    ['AWS_ENDPOINT_URL_S3', 'https://s3.example', 'https://s3.example'],
    ['REDIS_URL', 'rediss://user:secret@cache:6380/1', 'rediss://user:secret@cache:6380/1'],
    ['S3_BUCKET', 'a.bucket-1', 'a.bucket-1'],
    [
      'CORS_ORIGINS',
      'https://a.example, https://b.example',
      ['https://a.example', 'https://b.example'],
    ],
    ['PROBE_ENGINE', 'ffprobe', 'ffprobe'],
    ['DERIVATIVES', 'poster, cover', ['poster', 'cover']],
    ['THUMBNAIL_WIDTHS', '640, 90,640', [90, 640]],
    ['VERIFY_CHECKSUM', 'always', 'always'],
    ['KEEP_GPS', 'true', true],
  ])('reads %s=%s', (name, text, value) => {
    expect(readEnv({ [name]: text })).toHaveProperty([name], value);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['PORT', '1e3'],
    ['PORT', ' 80'],
    ['PORT', 'http'],
    ['PORT', '9'.repeat(400)],
    ['WORKER_CONCURRENCY', '0'],
    ['WORKER_CONCURRENCY', '1025'],
    ['WORKER_CONCURRENCY', 'Auto'],
    ['WORKER_CONCURRENCY', 'many'],
    ['WORKER_CONCURRENCY_MIN', '0'],
    ['WORKER_CONCURRENCY_MIN', 'auto'],
    ['WORKER_CONCURRENCY_MIN', '257'],
    ['WORKER_CONCURRENCY_MAX', '1025'],
    ['METRICS_PORT', '65536'],
    ['WORKER_ATTEMPTS_MAX', '21'],
    ['LOG_LEVEL', 'INFO'],
    ['PROBE_ENGINE', 'mediainfo'],
    ['THUMBNAIL_WIDTHS', '0'],
    ['THUMBNAIL_WIDTHS', '160,'],
    ['THUMBNAIL_WIDTHS', '10000'],
    ['THUMBNAIL_WIDTHS', '1,2,3,4,5,6,7,8,9,10,11'],
    ['VERIFY_CHECKSUM', 'never'],
    ['KEEP_GPS', 'yes'],
    ['AWS_REGION', 'us east 1'],
    ['AWS_ENDPOINT_URL', 'localhost:4566'],
    ['AWS_ENDPOINT_URL_SQS', 'ftp://localhost'],
    ['S3_PUBLIC_ENDPOINT', 'http://'],
    ['S3_BUCKET', 'Bucket'],
    ['S3_BUCKET', 'ab'],
    ['SQS_QUEUE_NAME', 'queue.fifo'],
    ['SNS_TOPIC_NAME', 'a topic'],
    ['DYNAMODB_TABLE', 'ab'],
  ])('refuses %s=%s, naming both', (name, text) => {
    const { code, kind, message, faults } = refusal({ [name]: text });
    expect({ code, kind }).toEqual({ code: 'INVALID_CONFIG', kind: 'permanent' });
    expect(faults).toHaveLength(1);
    expect(faults[0]?.pointer).toBe(`/${name}`);
    expect(message).toContain(`${name} has `);
    expect(message).toContain(text.slice(0, 100));
    expect(message.length).toBeLessThan(400);
  });

  it('reports every fault at once, one line each', () => {
    const { message, faults } = refusal({
      PORT: 'x',
      HOST: '0.0.0.0',
      LOG_LEVEL: 'loud',
      REDIS_URL: 'localhost',
      S3_BUCKET: '!',
    });
    const names = faults.map(({ pointer }) => pointer);
    expect(names.sort()).toEqual(['/API_KEYS', '/LOG_LEVEL', '/PORT', '/REDIS_URL', '/S3_BUCKET']);
    expect(message.split('\n')).toHaveLength(1 + faults.length);
  });

  it('reports bounds that do not fit each other with the others, and says both', () => {
    const bounds = { WORKER_CONCURRENCY_MIN: '9', WORKER_CONCURRENCY_MAX: '8' };
    const { message, faults } = refusal({ ...bounds, PORT: 'x' });
    expect(faults.map(({ pointer }) => pointer)).toEqual(['/PORT', '/WORKER_CONCURRENCY_MIN']);
    expect(message).toContain('WORKER_CONCURRENCY_MAX, which is 8');
    expect(readEnv({ WORKER_CONCURRENCY_MIN: '8', WORKER_CONCURRENCY_MAX: '8' })).toMatchObject({
      WORKER_CONCURRENCY_MIN: 8,
      WORKER_CONCURRENCY_MAX: 8,
    });
  });

  it('says what may be chosen', () => {
    expect(refusal({ WORKER_CONCURRENCY: 'many' }).message).toContain('or auto');
    expect(refusal({ LOG_LEVEL: 'loud' }).message).toContain('"debug" | "info"');
  });

  it('shows no secret, not even a wrong one', () => {
    const secrets = { API_KEYS: 'acme:hunter2', REDIS_URL: 'http://:hunter2@cache' };
    const { message, faults } = refusal(secrets);
    expect(faults).toHaveLength(2);
    expect(JSON.stringify({ message, faults })).not.toContain('hunter2');
  });
});

describe('HOST', () => {
  it.each(['127.0.0.1', '::1', 'localhost'])('may be %s without keys', (host) => {
    expect(readEnv({ HOST: host }).HOST).toBe(host);
  });

  it.each(['0.0.0.0', '::', '192.168.1.7', 'api.example', '127.0.0.1.example'])(
    'may be %s with keys only',
    (host) => {
      const { message, faults } = refusal({ HOST: host });
      expect(faults[0]?.pointer).toBe('/API_KEYS');
      expect(message).toContain(`'${host}'`);
      expect(refusal({ HOST: host, API_KEYS: '' }).faults).toEqual(faults);
      expect(readEnv({ HOST: host, API_KEYS: `acme:${HASH}` }).HOST).toBe(host);
    },
  );
});

describe('API_KEYS', () => {
  it.each([
    ['one key', `acme:${HASH}`, [{ tenant: 'acme', sha256: HASH }]],
    [
      'several, with spaces between',
      `acme:${HASH}, globex:${OTHER_HASH}`,
      [
        { tenant: 'acme', sha256: HASH },
        { tenant: 'globex', sha256: OTHER_HASH },
      ],
    ],
    [
      'several of one tenant',
      `acme:${HASH},acme:${OTHER_HASH}`,
      [
        { tenant: 'acme', sha256: HASH },
        { tenant: 'acme', sha256: OTHER_HASH },
      ],
    ],
  ])('is %s', (_, text, keys) => {
    expect(readEnv({ API_KEYS: text }).API_KEYS).toEqual(keys);
  });

  it.each([
    ['a key without a tenant', HASH],
    ['an empty tenant', `:${HASH}`],
    ['a tenant no key of an object could hold', `../acme:${HASH}`],
    ['a tenant in upper case', `Acme:${HASH}`],
    ['a hash that is too short', `acme:${HASH.slice(1)}`],
    ['a hash in upper case', `acme:${HASH.toUpperCase()}`],
    ['the key itself', 'acme:test'],
    ['a comma at the end', `acme:${HASH},`],
    ['one good and one bad', `acme:${HASH},globex:x`],
  ])('is not %s', (_, text) => {
    const { faults } = refusal({ API_KEYS: text });
    expect(faults).toHaveLength(1);
    expect(faults[0]?.detail).toMatch(/^API_KEYS has to be tenant:sha256hex/);
  });
});

describe('redacted', () => {
  it('says of secrets only whether they are set', () => {
    const env = readEnv({ API_KEYS: `acme:${HASH}`, REDIS_URL: 'redis://:hunter2@cache' });
    const shown = redacted(env);
    expect(shown).toMatchObject({ API_KEYS: '[set]', REDIS_URL: '[set]', PORT: 3000 });
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|9f86d081/);
    expect(redacted(readEnv({}))).not.toHaveProperty('API_KEYS', '[set]');
  });
});

describe('variableRows', () => {
  it('describes every variable, in order', () => {
    const rows = variableRows();
    expect(rows[0]).toEqual({
      name: 'PORT',
      fallback: '3000',
      about: 'Port of the API; 0 takes a free one',
    });
    expect(rows.filter(({ about }) => about === '')).toEqual([]);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });

  it('gives the defaults that are in force', () => {
    const env: Readonly<Record<string, unknown>> = readEnv({});
    for (const { name, fallback } of variableRows()) {
      expect(`${name}=${env[name] ?? ''}`).toBe(`${name}=${fallback}`);
    }
  });
});
