import { GOALS, isFinished } from './goals.ts';
import type { Scenario } from './scenario.ts';
import { Scene, type Visit } from './scene.ts';
import { NumberList, StateStore } from './state-store.ts';
import { surroundings } from './surroundings.ts';
import { sweep } from './sweeper.ts';
import { work } from './worker.ts';

/** What an exploration found: every state there is, or the shortest way to something that must not be. */
export interface Explored {
  readonly states: number;
  readonly steps: number;
  /** States in which everything has come to rest as it should. */
  readonly finished: number;
  readonly violation: string | null;
  /** The steps that lead there. Equal processes are not told apart: their numbers may change from step to step. */
  readonly trace: readonly string[];
}

/** Takes every step that is possible in the state that the scene holds, one after the other. */
function expand(scene: Scene, visit: Visit): void {
  scene.begin(visit);
  surroundings(scene);
  scene.workers.forEach((worker, i) => {
    work(scene, worker, WORKERS[i] ?? 'worker');
  });
  scene.sweepers.forEach((sweeper, i) => {
    sweep(scene, sweeper, SWEEPERS[i] ?? 'sweeper');
  });
}

const WORKERS = ['worker 1', 'worker 2', 'worker 3'];
const SWEEPERS = ['sweeper 1', 'sweeper 2'];

/** The states that can be reached, and how. */
class Graph {
  readonly scene: Scene;
  readonly state: Int32Array;
  readonly store: StateStore;
  readonly parents = new NumberList();
  /** The fair successors of state i: `fairTo` from `fairFrom[i]` up to `fairFrom[i + 1]`. */
  readonly fairTo = new NumberList();
  readonly fairFrom = new NumberList();
  steps = 0;

  constructor(scene: Scene) {
    this.scene = scene;
    this.state = new Int32Array(scene.bytes.buffer);
    this.store = new StateStore(this.state.length);
  }

  /** Breadth first, so that the first violation is the nearest. Answers with the state before it, and the step. */
  walk(): { readonly from: number; readonly what: string; readonly step: string } | null {
    let found: { from: number; what: string; step: string } | null = null;
    let current = 0;
    const visit: Visit = (who, what, fair, broken) => {
      this.steps++;
      if (broken) {
        found ??= { from: current, what: broken, step: `${who}: ${what}` };
        return;
      }
      const known = this.store.count;
      const next = this.store.add(this.state);
      if (next === known) this.parents.push(current);
      if (fair) this.fairTo.push(next);
    };
    this.store.add(this.state);
    this.parents.push(-1);
    for (; current < this.store.count && !found; current++) {
      this.fairFrom.push(this.fairTo.length);
      this.put(current);
      expand(this.scene, visit);
    }
    this.fairFrom.push(this.fairTo.length);
    return found;
  }

  put(number: number): void {
    this.store.read(number, this.state);
    this.scene.load();
  }

  /** The steps that lead to a state, found by taking them once more. */
  traceTo(number: number): readonly string[] {
    const way: number[] = [];
    for (let at = number; at >= 0; at = this.parents.at(at)) way.unshift(at);
    return way.slice(1).map((next, i) => {
      let step = '';
      this.put(way[i] as number);
      expand(this.scene, (who, what) => {
        if (!step && this.store.holds(next, this.state)) step = `${who}: ${what}`;
      });
      return step;
    });
  }
}

/**
 * Every state that can be reached. Safety is judged on each step. Progress is judged so: from each state a finished one can
 * be reached by fair steps alone, without the client and without a fault; in a finite graph that is "nothing stays stuck".
 */
export function explore(scenario: Scenario, mutants: readonly string[] = []): Explored {
  const graph = new Graph(new Scene(scenario, new Set(mutants)));
  const found = graph.walk();
  const { steps } = graph;
  const states = graph.store.count;
  if (found) {
    const trace = [...graph.traceTo(found.from), found.step];
    return { states, steps, finished: 0, violation: found.what, trace };
  }
  const { finished, stuck } = progress(graph);
  if (stuck < 0) return { states, steps, finished, violation: null, trace: [] };
  const violation = `stuck, never again: ${lostAt(graph, stuck)}`;
  return { states, steps, finished, violation, trace: graph.traceTo(stuck) };
}

/** From the finished states backwards along fair steps: what is not met there is stuck; -1 where nothing is. */
function progress(graph: Graph): { readonly finished: number; readonly stuck: number } {
  const states = graph.store.count;
  const { into, sources } = reversed(graph);
  const reaches = new Uint8Array(states);
  const stack: number[] = [];
  for (let state = 0; state < states; state++) {
    graph.put(state);
    if (!isFinished(graph.scene)) continue;
    reaches[state] = 1;
    stack.push(state);
  }
  const finished = stack.length;
  for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
    for (let edge = into[state] as number; edge < (into[state + 1] as number); edge++) {
      const source = sources[edge] as number;
      if (reaches[source]) continue;
      reaches[source] = 1;
      stack.push(source);
    }
  }
  return { finished, stuck: reaches.indexOf(0) };
}

/** The fair steps by where they lead: into state i lead `sources` from `into[i]` up to `into[i + 1]`. */
function reversed({ store, fairTo, fairFrom }: Graph): { into: Int32Array; sources: Int32Array } {
  const into = new Int32Array(store.count + 1);
  for (let edge = 0; edge < fairTo.length; edge++) bump(into, fairTo.at(edge) + 1, 1);
  for (let state = 0; state < store.count; state++) bump(into, state + 1, into[state] as number);
  const sources = new Int32Array(fairTo.length);
  const next = into.slice();
  for (let state = 0; state < store.count; state++) {
    for (let edge = fairFrom.at(state); edge < fairFrom.at(state + 1); edge++) {
      sources[bump(next, fairTo.at(edge), 1)] = state;
    }
  }
  return { into, sources };
}

/** Adds to one number of many, and answers with what it was. */
function bump(numbers: Int32Array, index: number, amount: number): number {
  const was = numbers[index] as number;
  numbers[index] = was + amount;
  return was;
}

/** The goals that hold nowhere in the fair future of a state. */
function lostAt(graph: Graph, stuck: number): string {
  const lost = new Map(Object.entries(GOALS));
  const future = new Set([stuck]);
  for (const state of future) {
    graph.put(state);
    for (const [name, goal] of lost) if (goal(graph.scene)) lost.delete(name);
    const end = graph.fairFrom.at(state + 1);
    for (let edge = graph.fairFrom.at(state); edge < end; edge++) future.add(graph.fairTo.at(edge));
  }
  return [...lost.keys()].join('; ') || 'all goals at once';
}
