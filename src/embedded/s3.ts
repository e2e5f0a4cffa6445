import { createServer } from 'node:http';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import type { Middleware } from '@20minutes/s3rver/context';
import type { AccessKey } from './access-key.ts';
import { closeServer, type ListenOptions, listen } from './listening.ts';
import { EventOutbox, type EventQueues } from './s3/event-outbox.ts';
import { gate } from './s3/gate.ts';
import { Multipart } from './s3/multipart.ts';
import { NotificationConfiguration } from './s3/notification-configuration.ts';
import { ObjectFiles } from './s3/object-files.ts';
import { operations } from './s3/operations.ts';
import { UploadFiles } from './s3/upload-files.ts';

export interface S3 {
  readonly port: number;
  close(): Promise<void>;
}

interface S3Options extends ListenOptions {
  readonly directory: string;
  readonly region: string;
  readonly accessKey: AccessKey;
  readonly queues: EventQueues;
  readonly log: (line: string) => void;
}

/** S3 by s3rver, behind a layer that keeps the promises of S3 that uploads rest on. */
export async function startS3(options: S3Options): Promise<S3> {
  const { directory, accessKey, region, queues, log } = options;
  const notifications = new NotificationConfiguration(
    (bucket) => files.getResourcePath(bucket, undefined, 'notification.json'),
    queues,
  );
  const outbox = new EventOutbox({
    directory: join(directory, 'events'),
    region,
    queues,
    targets: (creation) => notifications.targets(creation),
    log,
  });
  const files = new ObjectFiles(directory, outbox);
  outbox.recover((name) => files.find(name));
  const multipart = new Multipart(files, new UploadFiles(join(directory, 'uploads')));

  const app = new S3rver({ directory, silent: true, vhostBuckets: false });
  app.store = app.context.store = files;
  const working = new Set<Promise<void>>();
  const track: Middleware = (_, next) => {
    const work = next();
    working.add(work);
    return work.finally(() => working.delete(work));
  };
  // The last one is s3rver's router.
  app.middleware.splice(
    -1,
    0,
    track,
    gate(accessKey),
    operations({ files, multipart, notifications }),
  );
  app.on('error', (error) => {
    if (!('code' in error)) log(`s3: ${error.stack}`);
  });

  // An upload takes as long as it takes: Node's default ends a request after five minutes.
  const server = createServer({ requestTimeout: 0 }, app.callback());
  const port = await listen(server, 's3', options);
  return {
    port,
    close: async () => {
      await closeServer(server);
      await Promise.allSettled(working);
      app.logger.close();
    },
  };
}
