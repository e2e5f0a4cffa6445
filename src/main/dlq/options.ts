import { parseArgs } from 'node:util';

const ACTIONS = ['list', 'show', 'redrive', 'drop'] as const;

/** What can be done about dead letters. */
type Action = (typeof ACTIONS)[number];

/** What was asked for on the command line. */
export interface DlqOptions {
  readonly action: Action;
  /** Of the letters it is about; undefined means all. */
  readonly ids: readonly string[] | undefined;
  readonly json: boolean;
}

export const USAGE = `npm run dlq -- list
npm run dlq -- show <id>
npm run dlq -- redrive <id>… | --all
npm run dlq -- drop <id>… | --all

Shows the messages that nobody could work on, and gives them another chance or removes them for good.

  --all    every dead letter there is
  --json   one line of JSON per message, nothing else on stdout
`;

/** Arguments that make no sense. */
export class UsageError extends Error {}

/**
 * Reads the arguments; null where help is asked for.
 *
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): DlqOptions | null {
  const { values, positionals } = parsed(args);
  if (values.help) return null;
  const [action, ...named] = positionals;
  if (!isAction(action)) {
    const given = action === undefined ? 'nothing' : `'${action}'`;
    throw new UsageError(`say one of ${ACTIONS.join(', ')}, not ${given}`);
  }
  const ids = [...new Set(named)];
  checkCount(action, ids.length, values.all);
  return { action, ids: ids.length === 0 ? undefined : ids, json: values.json };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        all: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const isAction = (text: string | undefined): text is Action =>
  ACTIONS.some((action) => action === text);

function checkCount(action: Action, idCount: number, all: boolean): void {
  if (action === 'list' && idCount > 0) throw new UsageError('list takes no ids: it lists all');
  if (action === 'show' && (idCount !== 1 || all)) throw new UsageError('show takes one id');
  const takesMany = action === 'redrive' || action === 'drop';
  // All of them only where it is said: nobody removes everything by leaving something out.
  if (takesMany && idCount > 0 === all) throw new UsageError(`${action} takes ids, or --all`);
}
