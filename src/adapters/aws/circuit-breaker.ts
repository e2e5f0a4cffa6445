import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  DelegateBackoff,
  handleType,
  type IBreaker,
} from 'cockatiel';
import type { Admits, Circuit } from '#ports/circuit.ts';
import type { Log } from '#ports/log.ts';
import type { Metrics } from '#ports/metrics.ts';
import { standingOf } from './vendor-error.ts';

/** When a circuit opens, and how long it stays so. */
export interface CircuitOptions {
  /** Faults in a row that open it. */
  readonly failuresMax: number;
  /**
   * From the first to the last of these at least. Connections that a server closed while they were idle fail together, at the
   * next use; a service that is down fails the second tries, too.
   */
  readonly failuresSpreadMs: number;
  /** Before the first trial; each that fails doubles it. The wait is between half and all of that. */
  readonly trialAfterMs: number;
  readonly trialAfterMsMax: number;
}

/** Where a circuit tells of itself. */
export interface CircuitWatch {
  readonly log: Log;
  readonly metrics: Metrics;
}

type Middleware = <A, R>(next: (args: A) => Promise<R>) => (args: A) => Promise<R>;

/** What is needed of a client of the SDK. */
interface Guardable {
  readonly middlewareStack: {
    add(
      middleware: Middleware,
      options: { step: 'initialize'; priority: 'high'; name: string },
    ): void;
  };
}

/**
 * Puts a circuit breaker around every call of a client, whoever makes it, the retries of the SDK inside. While it is open a
 * call rejects at once with cockatiel's BrokenCircuitError, and nothing goes out.
 *
 * A call ends where its answer begins: a body that is read after that is outside of the breaker.
 *
 * @param dependency What the service is to us; a label of metrics.
 */
export function guard(
  client: Guardable,
  dependency: string,
  options: CircuitOptions,
  watch?: CircuitWatch,
): Circuit {
  const breaker = new CircuitBreaker(dependency, options, watch);
  client.middlewareStack.add((next) => (args) => breaker.call(() => next(args)), {
    step: 'initialize',
    priority: 'high',
    name: 'circuitBreaker',
  });
  return breaker;
}

/** What a call threw, where it speaks against the service. */
class Fault extends Error {}

type Answer<R> = { readonly value: R } | { readonly refusal: unknown };

/** Opens at so many faults in a row, if they did not come all at once. */
class FaultsInARow implements IBreaker {
  readonly #options: CircuitOptions;
  state = { count: 0, firstAtMs: 0 };

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  success(): void {
    this.state = { count: 0, firstAtMs: 0 };
  }

  failure(): boolean {
    const { failuresMax, failuresSpreadMs } = this.#options;
    const nowMs = Date.now();
    const { count, firstAtMs } = this.state;
    this.state = { count: count + 1, firstAtMs: count === 0 ? nowMs : firstAtMs };
    return this.state.count >= failuresMax && nowMs - this.state.firstAtMs >= failuresSpreadMs;
  }
}

class CircuitBreaker implements Circuit {
  readonly #labels: { readonly dependency: string };
  readonly #options: CircuitOptions;
  readonly #watch: CircuitWatch | undefined;
  readonly #policy;
  #trialAtMs = 0;
  #throttles = 0;
  #failures = 0;
  #isOut = false;

  constructor(dependency: string, options: CircuitOptions, watch: CircuitWatch | undefined) {
    this.#labels = { dependency };
    this.#options = options;
    this.#watch = watch;
    this.#policy = circuitBreaker(handleType(Fault), {
      breaker: new FaultsInARow(options),
      halfOpenAfter: new DelegateBackoff(({ attempt }) => this.#delayMs(attempt)),
    });
    this.#policy.onBreak((reason) => this.#opened('error' in reason ? reason.error : null));
    this.#policy.onReset(() => this.#closed());
    watch?.metrics.gauge('sf_circuit_open', 0, this.#labels);
  }

  get admits(): Admits {
    const { state } = this.#policy;
    if (state === CircuitState.Closed) return 'all';
    // cockatiel is half open only once the next call is there.
    return state === CircuitState.HalfOpen || Date.now() >= this.#trialAtMs ? 'one' : 'none';
  }

  get throttles(): number {
    return this.#throttles;
  }

  get failures(): number {
    return this.#failures;
  }

  async call<R>(send: () => Promise<R>): Promise<R> {
    const { state } = this.#policy;
    // cockatiel would let it wait for the end of the trial, deaf to its signal.
    if (state === CircuitState.HalfOpen) throw new BrokenCircuitError();
    const isTrial = state === CircuitState.Open;
    const answer = await this.#policy
      .execute(() => this.#judge(send, isTrial))
      .catch((error: unknown) => {
        throw error instanceof Fault ? error.cause : error;
      });
    if ('refusal' in answer) throw answer.refusal;
    return answer.value;
  }

  /**
   * Throws a Fault where the service is to blame; what it merely refuses is an answer, and shows that it is there. A call
   * that was left says nothing, and is passed on as it is; but a trial has to decide, and one that was left has not shown
   * that the service is back.
   */
  async #judge<R>(send: () => Promise<R>, isTrial: boolean): Promise<Answer<R>> {
    try {
      return { value: await send() };
    } catch (error) {
      const standing = standingOf(error);
      if (standing === 'throttles') this.#throttled();
      if (standing === 'down') this.#failed();
      if (standing === 'throttles' || standing === 'answers') return { refusal: error };
      throw standing === 'down' || isTrial ? new Fault(undefined, { cause: error }) : error;
    }
  }

  /** Some less than the exponential delay, so that workers don't try in step. */
  #delayMs(attempt: number): number {
    const { trialAfterMs, trialAfterMsMax } = this.#options;
    const boundMs = Math.min(trialAfterMsMax, trialAfterMs * 2 ** (attempt - 1));
    const delayMs = Math.ceil(boundMs * (1 - Math.random() / 2));
    this.#trialAtMs = Date.now() + delayMs;
    return delayMs;
  }

  #throttled(): void {
    this.#throttles += 1;
    this.#watch?.metrics.count('sf_circuit_throttles_total', this.#labels);
  }

  #failed(): void {
    this.#failures += 1;
    this.#watch?.metrics.count('sf_circuit_failures_total', this.#labels);
  }

  /** A trial that fails opens it again, which is no news. */
  #opened(fault: unknown): void {
    if (this.#isOut) return;
    this.#isOut = true;
    const fields = { ...this.#labels, reason: nameOf(fault), failures: this.#failures };
    this.#watch?.log.warn(fields, 'dependency is not called for now');
    this.#watch?.metrics.gauge('sf_circuit_open', 1, this.#labels);
  }

  #closed(): void {
    this.#isOut = false;
    this.#watch?.log.info({ ...this.#labels }, 'dependency is called again');
    this.#watch?.metrics.gauge('sf_circuit_open', 0, this.#labels);
  }
}

/** What went wrong, in one word: what AWS says beyond that may hold names of resources. */
function nameOf(fault: unknown): string {
  const error = fault instanceof Fault ? fault.cause : fault;
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.name;
}
