import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AccessKey, accessKeyOf } from './access-key.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { startDynamodb } from './dynamodb.ts';
import { startS3 } from './s3.ts';
import { startMessaging } from './sqs-sns.ts';

export interface EmbeddedCloudOptions {
  /** Everything the cloud knows; made when missing. One cloud at a time may use it. */
  readonly dataDir: string;
  /** 0 or none is a free port. */
  readonly ports?: {
    readonly s3?: number | undefined;
    readonly messaging?: number | undefined;
    readonly dynamodb?: number | undefined;
  };
  /** The interface to listen on; loopback unless told. */
  readonly host?: string;
  /** Told of what goes wrong inside, one line at a time. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedCloud {
  readonly region: string;
  /** SQS and SNS share one port. */
  readonly endpoints: {
    readonly s3: string;
    readonly sqs: string;
    readonly sns: string;
    readonly dynamodb: string;
  };
  readonly credentials: AccessKey;
  close(): Promise<void>;
}

const REGION = 'us-east-1';

/**
 * S3, SQS, SNS and DynamoDB in this process, their state in `dataDir`, good enough for the whole path of an upload.
 *
 * @throws PortInUseError where one of the ports is taken, DataDirInUseError where another cloud has the directory; what
 * was started is stopped then.
 */
export async function startEmbeddedCloud(options: EmbeddedCloudOptions): Promise<EmbeddedCloud> {
  const { dataDir, ports = {}, host = '127.0.0.1', log = () => {} } = options;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDataDir(dataDir);
  const started: { close(): Promise<void> }[] = [];
  // S3 sends its events to SQS, so it starts last and stops first.
  const close = async () => {
    for (const service of started.splice(0).reverse()) await service.close();
    unlock();
  };
  try {
    const accessKey = accessKeyOf(dataDir);
    const at = (name: string, port = 0) => ({
      host,
      port,
      accessKey,
      directory: join(dataDir, name),
    });
    const dynamodb = await startDynamodb(at('dynamodb', ports.dynamodb));
    started.push(dynamodb);
    const messaging = await startMessaging({ ...at('messaging', ports.messaging), region: REGION });
    started.push(messaging);
    const s3 = await startS3({ ...at('s3', ports.s3), region: REGION, queues: messaging, log });
    started.push(s3);
    const url = (port: number) => `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
    return {
      region: REGION,
      endpoints: {
        s3: url(s3.port),
        sqs: url(messaging.port),
        sns: url(messaging.port),
        dynamodb: url(dynamodb.port),
      },
      credentials: accessKey,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
