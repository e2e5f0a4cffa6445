import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTraceparent, parseTraceparent, traceIdOf } from '#domain/trace-context.ts';
import { TRACEPARENT } from '../support/an-asset.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits - 1}}[1-9a-f]$`));
const contexts = fc.record({ traceId: hex(32), spanId: hex(16) });

describe('a traceparent', () => {
  it('names a trace and a span', () => {
    expect(parseTraceparent(TRACEPARENT)).toEqual({ traceId: TRACE_ID, spanId: SPAN_ID });
  });

  it('is read back as what it was made of', () => {
    fc.assert(
      fc.property(contexts, (context) => {
        expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
        expect(traceIdOf(formatTraceparent(context))).toBe(context.traceId);
      }),
    );
  });

  it('may be unsampled', () => {
    expect(traceIdOf(`00-${TRACE_ID}-${SPAN_ID}-00`)).toBe(TRACE_ID);
  });

  it('is marked as sampled', () => {
    expect(formatTraceparent({ traceId: TRACE_ID, spanId: SPAN_ID })).toBe(TRACEPARENT);
  });

  it.each([
    ['empty', ''],
    ['of no trace', `00-${'0'.repeat(32)}-${SPAN_ID}-01`],
    ['of no span', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
    ['in capitals', TRACEPARENT.toUpperCase()],
    ['too short', `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`],
    ['too long', `${TRACEPARENT}-00`],
    ['without flags', `00-${TRACE_ID}-${SPAN_ID}`],
    ['of the invalid version', `ff-${TRACE_ID}-${SPAN_ID}-01`],
    ['not hexadecimal', `00-${'g'.repeat(32)}-${SPAN_ID}-01`],
    ['padded', ` ${TRACEPARENT}`],
    ['followed by a line', `${TRACEPARENT}\n`],
  ])('is null where it is %s', (_, text) => {
    expect(parseTraceparent(text)).toBeNull();
    expect(traceIdOf(text)).toBe('');
  });

  it('is null or well formed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseTraceparent(text)).toBeNull();
      }),
    );
  });
});
