import { inject } from 'vitest';

/** A cloud to test against: where its services are, and what it cannot do. */
export interface Cloud {
  readonly name: 'embedded' | 'aws';
  readonly region: string;
  readonly endpoints: {
    readonly s3: string;
    readonly sqs: string;
    readonly sns: string;
    readonly dynamodb: string;
  };
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly traits: {
    /** Whether signatures of presigned requests are checked: moto answers 200 to anything. */
    readonly checksSignatures: boolean;
    /** Whether HEAD tells the SHA-256 that a PUT declared: moto keeps it only where a header of the SDK's own comes with it. */
    readonly tellsChecksums: boolean;
  };
}

declare module 'vitest' {
  interface ProvidedContext {
    cloud: Cloud;
  }
}

/** The cloud that this project's global setup started. */
export const cloud = (): Cloud => inject('cloud');
