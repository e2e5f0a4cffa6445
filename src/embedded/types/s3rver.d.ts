/* What we use of s3rver: a Koa application, and some of the pieces it is made of. */

declare module '@20minutes/s3rver/context' {
  import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

  /** Koa's context, as far as it is used here. */
  export interface S3Context {
    readonly method: string;
    /** Percent-encoded, as it came. */
    readonly path: string;
    readonly href: string;
    readonly headers: IncomingHttpHeaders;
    readonly querystring: string;
    readonly query: Readonly<Record<string, string | string[] | undefined>>;
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    readonly request: { body?: unknown };
    params: { bucket?: string | undefined; key?: string | undefined };
    state: { website?: object };
    status: number;
    body: unknown;
    length: number;
    etag: string;
    get(header: string): string;
    set(header: string, value: string): void;
  }

  export type Middleware = (ctx: S3Context, next: () => Promise<void>) => Promise<void>;
}

declare module '@20minutes/s3rver' {
  import type { RequestListener } from 'node:http';
  import type { Middleware } from '@20minutes/s3rver/context';
  import type FilesystemStore from '@20minutes/s3rver/lib/stores/filesystem.js';

  class S3rver {
    constructor(options: { directory: string; silent: boolean; vhostBuckets: boolean });
    readonly middleware: Middleware[];
    readonly context: { store: FilesystemStore };
    readonly logger: { close(): void };
    store: FilesystemStore;
    callback(): RequestListener;
    on(event: 'error', listener: (error: Error) => void): this;
  }
  export = S3rver;
}

declare module '@20minutes/s3rver/lib/middleware/cors.js' {
  import type { Middleware } from '@20minutes/s3rver/context';

  const cors: () => Middleware;
  export = cors;
}

declare module '@20minutes/s3rver/lib/models/error.js' {
  class S3Error extends Error {
    constructor(code: string, message: string, detail?: Readonly<Record<string, string | number>>);
    readonly code: string;
    status: number;
  }
  export = S3Error;
}

declare module '@20minutes/s3rver/lib/stores/filesystem.js' {
  class FilesystemStore {
    constructor(rootDirectory: string);
    getBucketPath(bucket: string): string;
    getResourcePath(bucket: string, key: string | undefined, resource: string): string;
    getBucket(bucket: string): Promise<{ readonly name: string } | null>;
    /** Throws ENOENT where there is no such object. */
    getMetadata(bucket: string, key: string): Promise<Record<string, string | number>>;
    copyObject(
      sourceBucket: string,
      sourceKey: string,
      bucket: string,
      key: string,
      replacementHeaders: Record<string, string> | null,
    ): Promise<Record<string, string | number>>;
    deleteObject(bucket: string, key: string): Promise<void>;
  }
  export = FilesystemStore;
}

declare module '@20minutes/s3rver/lib/signature/v4.js' {
  import type { IncomingHttpHeaders } from 'node:http';
  import type { S3Context } from '@20minutes/s3rver/context';

  interface SignedRequest {
    readonly accessKeyId: string;
    readonly credential: {
      readonly date: string;
      readonly region: string;
      readonly service: string;
    };
    readonly signatureProvided: string;
  }

  interface CanonicalRequest {
    readonly method: string;
    readonly uri: string;
    readonly querystring: string;
    readonly headers: IncomingHttpHeaders;
    readonly timestamp: string;
  }

  const v4: {
    parseHeader(headers: IncomingHttpHeaders): SignedRequest;
    /** Throws where the URL has expired. */
    parseQuery(query: S3Context['query']): SignedRequest;
    getStringToSign(request: CanonicalRequest, signed: SignedRequest): string;
    getSigningKey(secretAccessKey: string, date: string, region: string, service: string): Buffer;
    /** Sets the body of the request to its bytes, without the frame that some clients put around them. */
    aws4SignatureBodyParser(ctx: S3Context): void;
  };
  export = v4;
}

declare module '@20minutes/s3rver/lib/utils.js' {
  import type { S3Context } from '@20minutes/s3rver/context';

  const utils: {
    /** Sets the body of the request to an object, or throws MalformedXML. */
    xmlBodyParser(ctx: S3Context): Promise<void>;
    encodeURIComponentRFC3986(text: string): string;
  };
  export = utils;
}
