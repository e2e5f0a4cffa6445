const STAGES = [
  'lock',
  'claim',
  'analyse',
  'derivative',
  'commit',
  'publish',
  'clear',
  'ack',
] as const;

type CrashStage = (typeof STAGES)[number];

/** Stages at which the row is in hand, and with it the name of the file. */
const KNOWS_FILE: ReadonlySet<CrashStage> = new Set(['analyse', 'commit', 'publish', 'clear']);

/** Where a process kills itself, for tests of what the others make of it. */
export interface CrashAt {
  readonly when: 'before' | 'after';
  readonly stage: CrashStage;
  /** Only for assets whose file has this name; null is any. */
  readonly fileName: string | null;
}

/** Reads `<before|after>-<stage>[@<fileName>]`; what is wrong with it where it is none. */
export function parseCrashAt(text: string): CrashAt | string {
  const [, when, name, fileName = null] = /^(before|after)-([a-z]+)(?:@(.+))?$/.exec(text) ?? [];
  const stage = STAGES.find((one) => one === name);
  if ((when !== 'before' && when !== 'after') || stage === undefined) {
    return `has to be before- or after- one of ${STAGES.join(', ')}`;
  }
  if (fileName !== null && !KNOWS_FILE.has(stage)) {
    return `cannot be of one file at ${stage}, where the name of the file is not known`;
  }
  return { when, stage, fileName };
}
