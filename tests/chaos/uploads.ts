import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Initiated } from '../support/stack.ts';
import type { MediaFile } from './media-files.ts';
import type { JobPlan } from './plan.ts';

/** How uploads come in. */
export interface UploadsOptions {
  readonly api: string;
  readonly perSecond: number;
  readonly signal: AbortSignal;
  /** Whether there is room for one more. */
  readonly hasRoom: () => boolean;
  /** Before the bytes are sent, so that nothing about the asset can come before it. */
  readonly onInit: (assetId: string, job: JobPlan) => void;
  /** S3 has taken the bytes. */
  readonly onAccepted: (assetId: string, job: JobPlan) => void;
}

const UPLOADS_AT_ONCE = 4;
const TRIES = 5;
const PAUSE_MS = 100;
/** S3 says that there is something already: the answer of an earlier try was lost. */
const IS_THERE = 412;

/** Uploads every job as a client does: init at the API, then a PUT to where it says. */
export async function uploadAll(jobs: readonly JobPlan[], options: UploadsOptions): Promise<void> {
  const { perSecond, signal, hasRoom } = options;
  const startedAt = performance.now();
  const bytes = new Map<string, Buffer>();
  for (const { file } of jobs) {
    if (!bytes.has(file.path)) bytes.set(file.path, await readFile(file.path));
  }
  let next = 0;
  const client = async (): Promise<void> => {
    for (let job = jobs[next++]; job && !signal.aborted; job = jobs[next++]) {
      const dueIn = startedAt + (job.index * 1000) / perSecond - performance.now();
      if (dueIn > 0) await sleep(dueIn);
      while (!hasRoom() && !signal.aborted) await sleep(PAUSE_MS);
      await upload(job, bytes.get(job.file.path) ?? Buffer.alloc(0), options);
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, client));
}

async function upload(job: JobPlan, bytes: Buffer, options: UploadsOptions): Promise<void> {
  for (let tries = 1; !options.signal.aborted; tries += 1) {
    try {
      const to = await init(options.api, job.file, bytes.length);
      options.onInit(to.id, job);
      await put(to, bytes);
      options.onAccepted(to.id, job);
      return;
    } catch (error) {
      if (tries === TRIES) throw error;
      await sleep(PAUSE_MS * tries);
    }
  }
}

async function init(api: string, file: MediaFile, size: number): Promise<Initiated> {
  const { fileName, contentType } = file;
  const answer = await fetch(`${api}/api/videos/init`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fileName, contentType, size }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`init of ${fileName} is refused: ${text}`);
  return JSON.parse(text) as Initiated;
}

async function put({ upload: to }: Initiated, bytes: Buffer): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { method, headers } = to;
    const answer = await fetch(to.url, { method, headers, body: new Uint8Array(bytes) }).catch(
      () => null,
    );
    const text = await answer?.text();
    if (answer?.ok || answer?.status === IS_THERE) return;
    if (tries === TRIES) throw new Error(`the store answers ${answer?.status}: ${text}`);
    await sleep(PAUSE_MS * tries);
  }
}
