import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { type DeleteMessageBatchCommandOutput, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Redis } from 'ioredis';
import type { Asset } from '#domain/asset.ts';
import { type IndexShape, type Item, indexUnits, tableUnits, toItem } from './write-units.ts';

/** What a write whose condition did not hold is counted as: one unit, and nothing in the indexes. */
export const REFUSED = 'refused';

/** Writes of one step of the protocol, and what they were billed for. */
export interface StepWrites {
  readonly writes: number;
  readonly tableUnits: number;
  readonly indexUnits: number;
}

/** What a middleware is handed of a call, and of its answer. */
type Next = (args: { readonly input: object }) => Promise<{ readonly output: object }>;
type Middleware = (
  next: Next,
  context: { readonly commandName?: string },
) => (args: { readonly input: object }) => Promise<{ readonly output: object }>;

interface Sending {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { step: 'finalizeRequest'; name: string }): void;
  };
}

/** The prototype of a client, as far as it is changed here. */
interface Prototype {
  send(this: Sending, ...args: unknown[]): unknown;
}

const SERVICES = new Map<object, string>([
  [S3Client, 'S3'],
  [SQSClient, 'SQS'],
  [SNSClient, 'SNS'],
  [DynamoDBClient, 'DynamoDB'],
  [DynamoDBDocumentClient, 'DynamoDB'],
]);

/**
 * Counts what this process asks of AWS and Redis, whoever makes the clients: each gets a middleware before its first call.
 * It sees every call as it goes out, retries included.
 */
export class CountedCalls {
  readonly #indexes: readonly IndexShape[];
  readonly #calls = new Map<string, number>();
  readonly #steps = new Map<string, StepWrites>();
  readonly #rows = new Map<string, Item>();
  readonly #known = new WeakSet<object>();
  #removed = 0;

  /** @param indexes Of the one table that is written. */
  constructor(indexes: readonly IndexShape[]) {
    this.#indexes = indexes;
    for (const [client, service] of SERVICES) {
      this.#watch((client as { readonly prototype: Prototype }).prototype, service);
    }
    this.#watchRedis();
  }

  /** Calls by `<service> <command>`. */
  get calls(): ReadonlyMap<string, number> {
    return this.#calls;
  }

  /** Writes by the step of the protocol. */
  get steps(): ReadonlyMap<string, StepWrites> {
    return this.#steps;
  }

  /** Messages that SQS has confirmed the deletion of. */
  get removed(): number {
    return this.#removed;
  }

  /** Forgets what was counted, but not the rows. */
  begin(): void {
    this.#calls.clear();
    this.#steps.clear();
    this.#removed = 0;
  }

  #watch(prototype: Prototype, service: string): void {
    const { send } = prototype;
    const { stacks, middleware } = { stacks: this.#known, middleware: this.#middleware(service) };
    prototype.send = function (...args) {
      const { middlewareStack } = this;
      if (!stacks.has(middlewareStack)) {
        stacks.add(middlewareStack);
        middlewareStack.add(middleware, { step: 'finalizeRequest', name: 'countedCalls' });
      }
      return send.apply(this, args);
    };
  }

  #middleware(service: string): Middleware {
    return (next, { commandName = '' }) =>
      async (args) => {
        const command = commandName.replace(/Command$/, '');
        this.#count(`${service} ${command}`);
        try {
          const result = await next(args);
          this.#note(command, args.input, result.output);
          return result;
        } catch (error) {
          if (error instanceof ConditionalCheckFailedException) this.#addStep(REFUSED, 1, 0);
          throw error;
        }
      };
  }

  #watchRedis(): void {
    const { sendCommand } = Redis.prototype;
    const count = (name: string): void => this.#count(`Redis ${name.toUpperCase()}`);
    Redis.prototype.sendCommand = function (command, stream) {
      count(command.name);
      return sendCommand.call(this, command, stream);
    };
  }

  #count(call: string): void {
    this.#calls.set(call, (this.#calls.get(call) ?? 0) + 1);
  }

  #note(command: string, input: object, output: object): void {
    if (command === 'DeleteMessageBatch') {
      this.#removed += (output as DeleteMessageBatchCommandOutput).Successful?.length ?? 0;
    }
    if (command === 'PutItem') this.#written(toItem((input as PutItemCommandInput).Item ?? {}));
    // Every update here answers with the whole row as it is now, which the document client has translated already.
    const { Attributes } = output as { readonly Attributes?: Item };
    if (command === 'UpdateItem' && Attributes) this.#written(Attributes);
  }

  #written(after: Item): void {
    const key = String(after['pk']);
    const before = this.#rows.get(key);
    this.#rows.set(key, after);
    const inIndexes = this.#indexes.reduce((sum, one) => sum + indexUnits(one, before, after), 0);
    this.#addStep(stepOf(before, after), tableUnits(before, after), inIndexes);
  }

  #addStep(step: string, inTable: number, inIndexes: number): void {
    const so = this.#steps.get(step) ?? { writes: 0, tableUnits: 0, indexUnits: 0 };
    this.#steps.set(step, {
      writes: so.writes + 1,
      tableUnits: so.tableUnits + inTable,
      indexUnits: so.indexUnits + inIndexes,
    });
  }
}

/** The step that a write was: its note says so, and the two that leave none are told by what they change. */
function stepOf(before: Item | undefined, after: Item): string {
  const notes = historyOf(after);
  if (notes.length > historyOf(before).length) return notes.at(-1)?.step ?? '';
  return before?.['event'] && !after['event'] ? 'clearOutbox' : 'renew';
}

const historyOf = (item: Item | undefined): Asset['history'] =>
  (item?.['history'] ?? []) as Asset['history'];
