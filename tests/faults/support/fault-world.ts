import { type onTestFinished, vi } from 'vitest';
import { type Cloud, cloud } from '../../support/cloud.ts';
import { mediaBytes } from '../../support/file-source.ts';
import { EVENTUALLY } from '../../support/queue-watch.ts';
import {
  type Initiated,
  openStack,
  type TestStack,
  type TestStackOptions,
} from '../../support/stack.ts';
import { type HttpFaultProxy, httpFaultProxy } from './http-fault-proxy.ts';

/** The bytes of every upload here. */
export const PHOTO = mediaBytes('portrait.jpg');

/** Workers whose lease is short, so that nobody waits long for what another held; messages hide for 4 s. */
export const SHORT = { leaseSeconds: 3 } as const;

/** A stack of one test's own, and doors to its services that can fail. */
export interface FaultWorld {
  readonly stack: TestStack;
  /** Opens a door; workers that are given its URL go through it. */
  proxyOf(service: keyof Cloud['endpoints']): Promise<HttpFaultProxy>;
  upload(fileName?: string): Promise<Initiated>;
  /** An upload whose event is out of the queue: for a test to send, as often and as late as it likes. */
  uploadAndHold(): Promise<Initiated & { readonly event: string }>;
}

/** Opens them for one test, which may run beside others. */
export async function faultWorld(
  test: { readonly onTestFinished: typeof onTestFinished },
  options: TestStackOptions = {},
): Promise<FaultWorld> {
  const stack = await openStack(options);
  const proxies: HttpFaultProxy[] = [];
  const bodies: string[] = [];
  test.onTestFinished(async () => {
    await stack.close();
    await Promise.all(proxies.map((proxy) => proxy.close()));
  });
  const upload = (fileName = 'portrait.jpg') => stack.upload(fileName, 'image/jpeg', PHOTO);
  return {
    stack,
    proxyOf: async (service) => {
      const proxy = await httpFaultProxy(cloud().endpoints[service]);
      proxies.push(proxy);
      return proxy;
    },
    upload,
    uploadAndHold: async () => {
      const initiated = await upload();
      const event = await vi.waitFor(async () => {
        for (const { body } of await stack.takeMessages()) bodies.push(body);
        const found = bodies.find((body) => body.includes(initiated.id));
        // What S3 tries the queue with has to be out of the way, too: it comes when it comes.
        const isTried = bodies.some((body) => body.includes('s3:TestEvent'));
        if (found === undefined || !isTried) throw new Error('its event has not come yet');
        return found;
      }, EVENTUALLY);
      return { ...initiated, event };
    },
  };
}
