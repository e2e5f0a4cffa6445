/*
 * The protocol explored from the command line:
 *   npm run model                            every scenario: expects no violation
 *   npm run model -- --mutants               a condition, write or rule taken away at a time: expects a violation each
 *   npm run model -- --mutant NAME           this one, and the shortest counter-example
 *   npm run model -- --list                  the names of scenarios and mutants
 *   --scenario NAME                          this scenario alone; --json prints one line of JSON per result
 */
import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { COUNTER_EXAMPLES, MUTANTS, REDUNDANT } from './mutants.ts';
import { SCENARIOS } from './scenario.ts';

const readOptions = () =>
  parseArgs({
    options: {
      mutants: { type: 'boolean', default: false },
      mutant: { type: 'string', multiple: true, default: [] },
      scenario: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  }).values;

function optionsOrEnd() {
  try {
    return readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

const values = optionsOrEnd();

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const chosen = Object.entries(SCENARIOS).filter(
  ([name]) => values.scenario.length === 0 || values.scenario.includes(name),
);

function report(result: Readonly<Record<string, unknown>>, trace: readonly string[], text: string) {
  if (values.json) return print(JSON.stringify({ ...result, trace }));
  print(text);
  trace.forEach((step, i) => {
    print(`  ${i + 1}. ${step}`);
  });
  if (trace.length > 0)
    print(
      '  (Workers are alike, and so are sweepers: their numbers may change from step to step.)',
    );
}

const secondsSince = (start: number): number => Math.round((performance.now() - start) / 100) / 10;

/** The unmutated protocol. Answers whether nothing is wrong with it. */
function runClean(): boolean {
  const violated = chosen.filter(([scenario, bounds]) => {
    const start = performance.now();
    const { trace, ...found } = explore(bounds);
    const seconds = secondsSince(start);
    const { states, steps, finished, violation } = found;
    const text = `${scenario}: ${states} states, ${steps} steps, ${finished} at rest, ${seconds} s`;
    report({ scenario, ...found, seconds }, trace, `${text}: ${violation ?? 'no violation'}`);
    return violation !== null;
  });
  return violated.length === 0;
}

/** The scenarios, the one first that is known to have a counter-example: without one, a token that is reset never ends. */
const inOrder = (mutant: string) =>
  chosen.toSorted(([a], [b]) => Number(knows(b, mutant)) - Number(knows(a, mutant)));
const knows = (scenario: string, mutant: string): boolean =>
  COUNTER_EXAMPLES[scenario]?.includes(mutant) ?? false;

/** The shortest counter-example in the first scenario that has one. Answers whether there is one where one is due. */
function runMutant(mutants: readonly string[], withTrace: boolean): boolean {
  const start = performance.now();
  const mutant = mutants.join(' + ');
  const reason = REDUNDANT[mutant];
  for (const [scenario, bounds] of inOrder(mutant)) {
    const { violation, trace, states } = explore(bounds, mutants);
    if (violation === null) continue;
    const seconds = secondsSince(start);
    const text = `${mutant} | ${violation} | ${trace.length} steps | ${scenario} | ${seconds} s`;
    const result = { mutant, violation, scenario, states, seconds, steps: trace.length };
    report(result, withTrace || values.json ? trace : [], text);
    return reason === undefined;
  }
  const seconds = secondsSince(start);
  const text = `${mutant} | REDUNDANT: ${reason ?? 'NOT EXPECTED TO BE'} | ${seconds} s`;
  report({ mutant, violation: null, redundant: reason ?? null, seconds }, [], text);
  return reason !== undefined;
}

function run(): boolean {
  if (values.list) {
    print([...Object.keys(SCENARIOS), '', ...MUTANTS].join('\n'));
    return true;
  }
  const unknown = values.mutant.filter((name) => !MUTANTS.includes(name));
  if (chosen.length === 0 || unknown.length > 0) {
    print(`unknown: ${[...unknown, ...values.scenario].join(', ')}; see --list`);
    return false;
  }
  if (values.mutant.length > 0) return runMutant(values.mutant, true);
  if (!values.mutants) return runClean();
  return MUTANTS.map((name) => runMutant([name], false)).every(Boolean);
}

process.exitCode = run() ? 0 : 1;
