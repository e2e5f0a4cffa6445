import { describe, expect, it } from 'vitest';
import type { LogLevel } from '#telemetry/leveled-log.ts';
import { plainLog } from '#telemetry/plain-log.ts';
import { logContract } from '../contracts/log.contract.ts';

/** A log at this level, and what it has written. */
function written(level: LogLevel) {
  const lines: string[] = [];
  return {
    lines,
    log: plainLog(
      level,
      (line) => lines.push(line),
      () => '03:04:05',
    ),
  };
}

logContract(
  'plainLog',
  () => {
    const { log, lines } = written('debug');
    return {
      log,
      lines: () =>
        lines.map((text) => {
          const [, level = '', message = ''] = text.trimEnd().split(/ {2,}/);
          return { level, message, text };
        }),
    };
  },
  { unread: 'where its lines go is not its own doing' },
);

describe('the log for people', () => {
  it('writes time, level, message and the facts people look for', () => {
    const { log, lines } = written('info');
    log.info({ tenant: 'acme', assetId: 'a-1', status: 'COMPLETED', size: 5 }, 'asset ended');
    log.warn({ code: 'CORRUPT_MEDIA', attempts: 0 }, 'asset released');
    expect(lines).toEqual([
      '03:04:05  info   asset ended  assetId=a-1  status=COMPLETED\n',
      '03:04:05  warn   asset released  code=CORRUPT_MEDIA  attempts=0\n',
    ]);
  });

  it('says why a request failed', () => {
    const { log, lines } = written('info');
    log.error({ code: 'INTERNAL', detail: 'x is undefined', cause: 'at …' }, 'request failed');
    expect(lines).toEqual([
      '03:04:05  error  request failed  code=INTERNAL  detail=x is undefined\n',
    ]);
  });

  it.each<[LogLevel, readonly string[]]>([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ])('at level %s writes %j', (level, expected) => {
    const { log, lines } = written(level);
    log.debug({}, 'x');
    log.info({}, 'x');
    log.warn({}, 'x');
    log.error({}, 'x');
    expect(lines.map((line) => line.split(/ +/)[1])).toEqual(expected);
  });

  it('replaces what could forge a line or move a cursor', () => {
    const { log, lines } = written('info');
    log.info({ detail: 'a\r\nb\u001b[2Jc\u0007\u007f\u009b0m\0' }, 'd\te');
    expect(lines).toEqual(['03:04:05  info   d e  detail=a  b [2Jc   0m \n']);
  });

  it('takes anything for a fact', () => {
    const { log, lines } = written('info');
    log.info({ error: new TypeError('no'), status: null, code: undefined }, 'odd');
    expect(lines).toEqual(['03:04:05  info   odd  status=null  error=TypeError: no\n']);
  });
});
