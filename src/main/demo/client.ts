import { createReadStream } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { AssetView } from '#api/asset-view.ts';

/** What init answers, as far as an uploader needs it. */
export interface Initiated {
  readonly id: string;
  readonly upload: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
}

/** Why the API or the store refused. */
export class RefusedError extends Error {
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** Asks for an upload. */
export async function init(
  api: string,
  file: { fileName: string; contentType: string; size: number },
): Promise<Initiated> {
  const response = await fetch(`${api}/api/videos/init`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(file),
  });
  return (await answerOf(response)) as Initiated;
}

/** An asset as it is. */
export async function getAsset(api: string, id: string): Promise<AssetView> {
  return (await answerOf(await fetch(`${api}/api/videos/${id}`))) as AssetView;
}

async function answerOf(response: Response): Promise<unknown> {
  const body = (await response.json()) as { readonly code?: string; readonly detail?: string };
  if (response.ok) return body;
  throw new RefusedError(
    body.code ?? `HTTP_${response.status}`,
    body.detail ?? response.statusText,
  );
}

/** Sends a file to where init said, telling how many bytes are out. The file is streamed. */
export async function upload(
  { upload: { method, url, headers } }: Initiated,
  path: string,
  size: number,
  onSent: (bytes: number) => void,
): Promise<void> {
  const outgoing = request(url, { method, headers: { ...headers, 'content-length': size } });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  });
  let sent = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
    for await (const chunk of chunks) {
      yield chunk;
      sent += chunk.length;
      onSent(sent);
    }
  };
  const [response] = await Promise.all([
    answered,
    // Not a byte more than was declared, should the file have grown since.
    pipeline(createReadStream(path, { end: size - 1 }), counted, outgoing),
  ]);
  const status = response.statusCode ?? 0;
  response.resume();
  if (status !== 200) throw new RefusedError('UPLOAD_REFUSED', `the store answered ${status}`);
}
