import { inspect } from 'node:util';
import { logContract } from '../contracts/log.contract.ts';
import { RecordedLog } from './recorded-log.ts';

logContract(
  'RecordedLog',
  () => {
    const log = new RecordedLog();
    return {
      log,
      lines: () =>
        log.lines.map(({ level, message, fields }) => ({ level, message, text: inspect(fields) })),
    };
  },
  {
    tellsAll: 'it keeps the facts as they were given, for a test to look for secrets in',
    unread: 'it writes to nobody',
  },
);
