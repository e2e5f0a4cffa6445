import { type OutageCode, vendorError } from './vendor-error.ts';

/** What a call of the SDK is sent with. */
interface CallOptions {
  readonly abortSignal?: AbortSignal;
}

/** One call of the SDK, sent with these options. */
export type Send<T> = (options: CallOptions) => Promise<T>;

/** The options of a call that ends with the signal, where there is one. */
export function callOptions(signal: AbortSignal | undefined): CallOptions {
  return signal ? { abortSignal: signal } : {};
}

/**
 * How one service is called: every call ends with its signal, and rejects with what `vendorError` says.
 *
 * @param outage What an outage of the service is called.
 */
export function callerOf(outage: OutageCode) {
  return async <T>(signal: AbortSignal | undefined, send: Send<T>): Promise<T> => {
    try {
      return await send(callOptions(signal));
    } catch (error) {
      throw vendorError(error, outage, signal);
    }
  };
}
