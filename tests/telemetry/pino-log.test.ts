// That what is logged comes out of a process as one JSON line on standard error: a child logs, and its lines are read. The
// contract is proved in this process, on a file in the place of standard error.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { pinoLog } from '#telemetry/pino-log.ts';
import { logContract, type OpenedLog } from '../contracts/log.contract.ts';

const PRESIGNED = 'http://s3.local/b/k?X-Amz-Credential=c&X-Amz-Signature=5ec2e7';

interface Output {
  readonly stdout: string;
  readonly text: string;
  readonly lines: readonly Record<string, unknown>[];
  readonly status: number | null;
}

/** What a process writes that runs these statements with a `log`, and ends. */
function logged(statements: string): Output {
  const script = `
    import { pinoLog } from '#telemetry/pino-log.ts';
    const PRESIGNED = ${JSON.stringify(PRESIGNED)};
    const log = pinoLog('debug', 'streamforge-test');
    ${statements}
    process.exitCode = 7;`;
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  const text = child.stderr;
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { stdout: child.stdout, text, lines, status: child.status };
}

/** The log, writing to a file. */
function toFile(): OpenedLog {
  const directory = mkdtempSync(join(tmpdir(), 'log-test-'));
  const path = join(directory, 'log');
  const destination = pino.destination({ dest: path, sync: true });
  vi.spyOn(pino, 'destination').mockReturnValue(destination);
  const log = pinoLog('debug', 'streamforge-test');
  return {
    log,
    lines: () =>
      readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map((text) => {
          const { level, msg } = JSON.parse(text);
          return { level, message: msg, text };
        }),
    close: () => {
      destination.end();
      rmSync(directory, { recursive: true });
    },
  };
}

/** A process logs a megabyte and says so, while nobody reads its standard error. */
async function unread(): Promise<void> {
  const script = `
    import { pinoLog } from '#telemetry/pino-log.ts';
    const log = pinoLog('debug', 'streamforge-test');
    for (let i = 0; i < 1000; i += 1) log.info({ filler: 'x'.repeat(1000) }, 'full');
    setTimeout(() => process.stdout.write('went on'), 50);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  try {
    await once(child.stdout, 'data');
  } finally {
    child.kill('SIGKILL');
  }
}

logContract('pinoLog', toFile, { unread });

describe('the JSON log', () => {
  it('writes one line per event, to standard error, and leaves none behind when the process ends', () => {
    const { lines, stdout, text, status } = logged(`
      log.info({ assetId: 'a-1', size: 5, nested: { ok: true } }, 'asset claimed');
      log.error({ code: 'INTERNAL' }, 'request failed');`);
    expect(status).toBe(7);
    expect(stdout).toBe('');
    expect(text.endsWith('\n')).toBe(true);
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        service: 'streamforge-test',
        assetId: 'a-1',
        size: 5,
        nested: { ok: true },
        msg: 'asset claimed',
      },
      expect.objectContaining({ level: 'error', code: 'INTERNAL', msg: 'request failed' }),
    ]);
  });

  it('writes its level and above', () => {
    const { lines } = logged(`
      for (const level of ['debug', 'warn', 'silent']) {
        const log = pinoLog(level, level);
        log.debug({}, 'x');
        log.info({}, 'x');
        log.warn({}, 'x');
        log.error({}, 'x');
      }`);
    const at = (service: string) =>
      lines.filter((line) => line['service'] === service).map((line) => line['level']);
    expect(at('debug')).toEqual(['debug', 'info', 'warn', 'error']);
    expect(at('warn')).toEqual(['warn', 'error']);
    expect(at('silent')).toEqual([]);
  });

  it('writes no secret, at the top or one level below, and leaves what it was given alone', () => {
    const { lines, text } = logged(`
      const secrets = {
        url: PRESIGNED, authorization: 'Bearer 5ec2e7', secretAccessKey: '5ec2e7', apiKey: '5ec2e7',
      };
      log.warn(secrets, 'top');
      log.warn({ request: secrets, upload: { url: { href: PRESIGNED } } }, 'below');
      log.warn({ url: 'redis://user:5ec2e7@cache' }, 'user');
      log.info({ same: secrets.url === PRESIGNED }, 'after');`);
    expect(text).not.toContain('5ec2e7');
    const redacted = '[redacted]';
    const all = {
      url: redacted,
      authorization: redacted,
      secretAccessKey: redacted,
      apiKey: redacted,
    };
    expect(lines[0]).toMatchObject(all);
    expect(lines[1]).toMatchObject({ request: all, upload: { url: redacted } });
    expect(lines[2]).toMatchObject({ url: redacted });
    expect(lines[3]).toMatchObject({ same: true });
  });

  it('does tell a URL that opens nothing: where the API listens', () => {
    const { lines } = logged(`log.info({ url: 'http://127.0.0.1:3000' }, 'api is listening');`);
    expect(lines[0]).toMatchObject({ url: 'http://127.0.0.1:3000' });
  });

  it('escapes what could forge a line or move a cursor', () => {
    const { lines, text } = logged(
      `log.info({ fileName: 'a\\n{"level":"error"}\\u001b[2J\\0' }, 'b\\r\\nc');`,
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ fileName: 'a\n{"level":"error"}\u001b[2J\0', msg: 'b\r\nc' });
    const controls = [...text.trimEnd()].filter((character) => /\p{Cc}/u.test(character));
    expect(controls).toEqual([]);
  });
});
