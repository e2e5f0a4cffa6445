import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AssetView } from '#api/asset-view.ts';
import type { AssetEvent } from '#domain/events.ts';
import { getAsset, init, RefusedError, upload } from './client.ts';
import { contentTypeOf } from './content-type.ts';
import type { EventInbox } from './event-inbox.ts';

/** What became of one file: one line of `--json`. */
export interface FileReport {
  readonly id: string | null;
  readonly file: string;
  readonly status: string;
  readonly metadata: AssetView['metadata'] | null;
  readonly event: AssetEvent | null;
  readonly probe: AssetView['probe'] | null;
  readonly derivatives: NonNullable<AssetView['derivatives']>;
  /** Milliseconds; `processMs` is from the end of the PUT to COMPLETED or FAILED. */
  readonly timings: {
    readonly initMs: number;
    readonly uploadMs: number;
    readonly processMs: number;
  } | null;
  readonly failure?: { readonly code: string; readonly detail: string };
}

/** Where a demo's file goes, and how patiently. */
export interface DemoContext {
  readonly api: string;
  readonly inbox: EventInbox;
  readonly timeoutMs: number;
  readonly onSent: (file: string, bytes: number, size: number) => void;
}

const POLL_MS = 25;

/** Takes one file through the whole path: init, PUT, and what the API and the topic say of it in the end. */
export async function runFile(path: string, context: DemoContext): Promise<FileReport> {
  const file = basename(path);
  let id: string | null = null;
  try {
    const { size } = await stat(path).catch(() => {
      throw new RefusedError('FILE_NOT_FOUND', `there is no readable file ${path}`);
    });
    const startedAt = performance.now();
    const initiated = await init(context.api, {
      fileName: file,
      contentType: contentTypeOf(file),
      size,
    });
    id = initiated.id;
    const initiatedAt = performance.now();
    await upload(initiated, path, size, (bytes) => context.onSent(file, bytes, size));
    const uploadedAt = performance.now();
    const asset = await untilEnded(context, id);
    const endedAt = performance.now();
    const event = await context.inbox.waitFor(id, context.timeoutMs);
    const timings = {
      initMs: Math.round(initiatedAt - startedAt),
      uploadMs: Math.round(uploadedAt - initiatedAt),
      processMs: Math.round(endedAt - uploadedAt),
    };
    return report(file, asset, event, timings);
  } catch (error) {
    const code = error instanceof RefusedError ? error.code : 'UPLOAD_FAILED';
    const detail = error instanceof Error ? error.message : String(error);
    const nothing = { metadata: null, event: null, probe: null, derivatives: [], timings: null };
    return { id, file, status: 'REFUSED', ...nothing, failure: { code, detail } };
  }
}

function report(
  file: string,
  asset: AssetView,
  event: AssetEvent | null,
  timings: FileReport['timings'],
): FileReport {
  const lost = event
    ? undefined
    : { code: 'EVENT_NOT_RECEIVED', detail: 'no event came out of the topic in time' };
  const failed = asset.failure ? { code: asset.failure.code, detail: asset.failure.detail } : lost;
  return {
    id: asset.id,
    file,
    status: asset.status,
    metadata: asset.metadata ?? null,
    event,
    probe: asset.probe ?? null,
    derivatives: asset.derivatives ?? [],
    timings,
    ...(failed && { failure: failed }),
  };
}

async function untilEnded({ api, timeoutMs }: DemoContext, id: string): Promise<AssetView> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const asset = await getAsset(api, id);
    if (asset.status === 'COMPLETED' || asset.status === 'FAILED') return asset;
    if (performance.now() > deadline)
      throw new RefusedError('TIMEOUT', `still ${asset.status} after ${timeoutMs} ms`);
    await sleep(POLL_MS);
  }
}
