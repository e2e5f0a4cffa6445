import { ForgeError } from '#domain/errors.ts';

/** What provisioning found, made or changed. `skipped`: the service does not know such a thing. */
export interface ProvisionStep {
  readonly resource: string;
  readonly name: string;
  readonly state: 'found' | 'created' | 'updated' | 'skipped';
  readonly detail?: string;
}

/** How emulators say that they lack an operation. */
const UNKNOWN_OPERATION = [
  'NotImplemented',
  'NotImplementedException',
  'InvalidAction',
  'UnknownOperation',
  'UnknownOperationException',
  'UnsupportedOperation',
  'MethodNotAllowed',
];

interface ServiceError {
  readonly name: string;
  readonly message: string;
  readonly status: number;
}

/** The parts of a service's error that provisioning decides by. */
function serviceError(error: unknown): ServiceError {
  if (!(error instanceof Error)) return { name: '', message: String(error), status: 0 };
  const { name, message, $metadata } = error as Error & {
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return { name, message, status: $metadata?.httpStatusCode ?? 0 };
}

/** The answer, or null where the service says by one of these names that there is none. */
export async function unless<T>(
  absent: readonly string[],
  call: () => Promise<T>,
): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (absent.includes(serviceError(error).name)) return null;
    throw error;
  }
}

/**
 * Runs one step and says what came of it.
 *
 * @throws ForgeError `NOT_SET_UP` (permanent), naming the resource and what the service said.
 */
export async function step(
  resource: string,
  name: string,
  work: () => Promise<ProvisionStep['state']>,
): Promise<ProvisionStep> {
  try {
    return { resource, name, state: await work() };
  } catch (error) {
    const { name: fault, message, status } = serviceError(error);
    if (status === 501 || UNKNOWN_OPERATION.includes(fault)) {
      return { resource, name, state: 'skipped', detail: `not known to this service (${fault})` };
    }
    const said = error instanceof ForgeError ? message : `${fault}: ${message}`;
    const text = `${resource} '${name}' could not be set up: ${said}`;
    throw new ForgeError('NOT_SET_UP', 'permanent', text, { cause: error });
  }
}
