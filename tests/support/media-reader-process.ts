/** The far side of MediaReader: reads files through everything a worker reads them through, one after the other. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { analyseSource } from '#app/commands/analyse-source.ts';
import { readEnv } from '#config/env.ts';
import { ForgeError } from '#domain/errors.ts';
import { parseSourceKey } from '#domain/keys.ts';
import { wireFfprobe, wireMedia } from '#main/media.ts';
import { VideoStrategy } from '#strategies/video.ts';
import { noMetrics } from '#telemetry/no-metrics.ts';
import { aClaimedAsset } from './an-asset.ts';
import { diskObjects } from './disk-objects.ts';
import type { FromReader, Read, ToReader } from './media-reader.ts';
import { sniffs } from './readers.ts';
import { RecordedLog } from './recorded-log.ts';

const files = new Map<string, string>();
const log = new RecordedLog();
const env = readEnv();
const media = wireMedia(
  {
    objects: diskObjects((key) => files.get(parseSourceKey(key)?.assetId ?? '') ?? ''),
    log,
    metrics: noMetrics,
  },
  env,
);
const clock = { now: () => Math.round(performance.now()) };
const analyse = analyseSource({ ...media, clock });

const fooled = new VideoStrategy({ sniffer: sniffs('avi'), probe: wireFfprobe(env) });

/** What reads a file whose first bytes have fooled the sniffer. */
const unsniffed = analyseSource({
  openSource: media.openSource,
  select: () => fooled,
  clock,
});

async function read(question: Read): Promise<FromReader> {
  const { id, path, contentType, size, fileName } = question;
  const assetId = `018f0000-0000-7000-8000-${id.toString(16).padStart(12, '0')}`;
  const sourceEtag = `"${id}"`;
  files.set(assetId, path);
  try {
    const asset = aClaimedAsset({ assetId, contentType, size, sourceEtag, fileName });
    const head = { size, etag: sourceEtag, contentType };
    const signal = new AbortController().signal;
    const its = question.unsniffed ? unsniffed : analyse;
    const result = await its({ kind: 'claimed', asset, head }, signal);
    return { id, result, unclean: unclean(result) };
  } catch (error) {
    if (error instanceof ForgeError) {
      const { code, kind, message } = error;
      return { id, code, kind, message, cause: causeText(error.cause) };
    }
    return {
      id,
      code: 'NOT_A_FORGE_ERROR',
      kind: 'transient',
      message: causeText(error),
      cause: '',
    };
  } finally {
    files.delete(assetId);
    log.lines.length = 0;
  }
}

function causeText(error: unknown): string {
  if (error === undefined) return '';
  return error instanceof Error ? String(error.stack) : String(error);
}

/** Where in it is what JSON cannot say, and DynamoDB does not take. */
function unclean(value: unknown, path = ''): string[] {
  if (value === undefined || Number.isNaN(value) || value === Infinity || value === -Infinity) {
    return [path];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => unclean(each, `${path}/${name}`));
}

/** What is garbage is no growth. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc === 'function') gc();
}

process.on('message', (message: ToReader) => {
  if (message.say === 'collect') {
    collect();
    process.send?.({ id: message.id, rssBytes: process.memoryUsage.rss() } satisfies FromReader);
    return;
  }
  void read(message).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
