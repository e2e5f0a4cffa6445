import { isTerminal } from '#domain/states.ts';
import { eventNumber } from './rows.ts';
import { FLYING, type Scene, STORED } from './scene.ts';

type Goal = (scene: Scene) => boolean;

/** What holds when everything has come to rest: from every state this must be reachable without client and faults. */
export const GOALS: Readonly<Record<string, Goal>> = {
  'no message is left': (scene) => {
    for (let kind = 1; kind <= scene.kinds; kind++) if (scene.waits(kind)) return false;
    return true;
  },
  'the asset is finished': ({ row }) => row?.status !== 'PENDING' && row?.status !== 'PROCESSING',
  'the index is empty': ({ row }) => row?.dueAt === undefined,
  'no event is left': ({ row }) => row?.event === undefined,
  'a deleted asset is purged': ({ row }) => row?.deletedAt === undefined,
  'every outcome is published': (scene) => {
    const { scenario, world } = scene;
    for (let generation = 1; generation <= scenario.generations; generation++) {
      const ended = scene.outcome(generation);
      const event = eventNumber(generation, ended === 1 ? 'COMPLETED' : 'FAILED');
      if (ended && !(world.published & (1 << event))) return false;
    }
    return true;
  },
  'EXPIRED has no object': ({ row, world }) => row?.status !== 'EXPIRED' || world.object === 0,
  'CANCELLED has no object': ({ row, world }) => row?.status !== 'CANCELLED' || world.object === 0,
  'purged has no objects': ({ row, world }) => {
    const gone = row?.status === 'PURGED' || (!row && world.buried === 1);
    return !gone || !(world.object || world.derivedNow || world.derivedOld);
  },
  'stored bytes were looked at': ({ row, world }) =>
    !row || !isTerminal(row.status) || world.put1 < STORED || world.firstUpload !== 0,
  'everyone is idle': ({ workers, sweepers, world }) =>
    [...workers, ...sweepers].every(({ step }) => step === 0) &&
    world.call === 0 &&
    world.put1 !== FLYING &&
    world.put2 !== FLYING,
};

const ALL = Object.values(GOALS);

/** Whether everything has come to rest as it should. */
export const isFinished = (scene: Scene): boolean => ALL.every((goal) => goal(scene));
