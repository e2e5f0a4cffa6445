import type { Asset } from '#domain/asset.ts';
import { writeOf } from './changes.ts';
import { eventNumber, isDue, isLive, urlIsGood, waitingEvent } from './rows.ts';
import { commandOf, type Scene, type Sweeper } from './scene.ts';

const AT = {
  IDLE: 0,
  READ: 1,
  PROBE: 2,
  SEND: 3,
  DEFER: 4,
  FAIL: 5,
  EXPIRE: 6,
  PUT_OFF: 7,
  RELAY: 8,
  DROP: 9,
  SCRUB: 10,
  UNLIST: 11,
  PURGE: 12,
  REMOVE: 13,
  BURY: 14,
} as const;
type Stage = (typeof AT)[keyof typeof AT];
type Take = (scene: Scene, s: Sweeper, who: string) => void;

/** A sweeper's look at one key, as `app/commands/sweep-asset.ts` has it. The index may offer the key at any time. */
export function sweep(scene: Scene, s: Sweeper, who: string): void {
  const { row } = scene;
  if (s.step !== AT.IDLE) {
    scene.fault(who, 'crashes', () => s.reset());
    STAGES[s.step as keyof typeof STAGES](scene, s, who);
    return;
  }
  if (!row || scene.has('sweeper: none')) return;
  const read = (): void => {
    s.step = AT.READ;
  };
  if (isDue(row)) scene.fair(who, 'finds the row in the index', read);
  else scene.fault(who, 'finds a stale entry of the index', read);
}

const read: Take = (scene, s, who) => {
  const { row } = scene;
  const next = row ? decide(scene, row) : AT.IDLE;
  if (!row || next === AT.IDLE) {
    return scene.fair(who, 'reads the row, nothing to do', () => s.reset());
  }
  scene.fair(who, 'reads the row', () => {
    s.step = next;
    s.fresh = next === AT.REMOVE || next === AT.BURY ? 0 : 1;
    if (next === AT.PUT_OFF) s.event = waitingEvent(row);
    if (next === AT.PROBE || next === AT.DEFER || next === AT.FAIL) s.generation = row.generation;
    if (next === AT.PROBE) keepForProbe(scene, s, row);
  });
};

/** What is decided after the HEAD is decided by the row as it was read before. */
function keepForProbe(scene: Scene, s: Sweeper, row: Asset): void {
  const early = scene.has('sweeper: expires before the URL does');
  if (row.status === 'EXPIRED') s.expired = 1;
  else s.mayExpire = early || !urlIsGood(row) ? 1 : 0;
}

function decide(scene: Scene, row: Asset): Stage {
  if (!isDue(row) && !scene.has('sweeper: acts on what is not due')) return AT.IDLE;
  if (row.status === 'PURGED') return AT.IDLE;
  if (row.deletedAt) return decideOnDeleted(scene, row);
  if (row.event) return scene.has('sweeper: no publish') ? AT.IDLE : AT.PUT_OFF;
  switch (row.status) {
    case 'PENDING':
    case 'EXPIRED':
      return AT.PROBE;
    case 'PROCESSING':
      return decideOnHeld(scene, row);
    case 'CANCELLED':
      return AT.SCRUB;
    default:
      return AT.IDLE;
  }
}

function decideOnDeleted(scene: Scene, row: Asset): Stage {
  if (scene.has('purge: without purgingAt')) return AT.REMOVE;
  if (!row.purgingAt) return AT.PURGE;
  return scene.has('bury: before the objects go') ? AT.BURY : AT.REMOVE;
}

function decideOnHeld(scene: Scene, row: Asset): Stage {
  if (isLive(row) && !scene.has('sweeper: does not look at the lease')) return AT.IDLE;
  if (row.attempts < scene.scenario.attempts) {
    return scene.has('sweeper: no command for a lapsed lease') ? AT.IDLE : AT.DEFER;
  }
  return scene.has('sweeper: no fail') ? AT.IDLE : AT.FAIL;
}

/** A conditional write after which the sweep goes on to `next`, or ends; refused, it ends. */
function writes(
  scene: Scene,
  s: Sweeper,
  who: string,
  write: ReturnType<typeof writeOf>,
  next: Stage = AT.IDLE,
) {
  if (!scene.permits(write)) return scene.fair(who, `${write.step} refused`, () => s.reset());
  const apply = (then: Stage) => (): void => {
    scene.write(write);
    if (then === AT.IDLE) s.reset();
    else s.step = then;
  };
  scene.fair(who, `writes ${write.step}`, apply(next));
  if (next) scene.mishap(who, `writes ${write.step}, the reply is lost`, apply(AT.IDLE));
}

const asRead = ({ fresh, generation }: Sweeper) => ({ fresh: fresh === 1, generation });

const probe: Take = (scene, s, who) => {
  const { object } = scene.world;
  const found = object !== 0 && !scene.has('sweeper: expires although there are bytes');
  let next: Stage = AT.IDLE;
  if (found) next = scene.has('sweeper: no command for bytes without event') ? AT.IDLE : AT.DEFER;
  else if (s.expired) next = scene.has('unlist: never') ? AT.IDLE : AT.UNLIST;
  else if (s.mayExpire) next = AT.EXPIRE;
  scene.fair(who, `HEAD finds ${object ? 'bytes' : 'nothing'}`, () => {
    s.expired = 0;
    s.mayExpire = 0;
    if (next === AT.IDLE) s.reset();
    else s.step = next;
  });
};

const send: Take = (scene, s, who) => {
  scene.fair(who, `sends the command of generation ${s.generation}`, () => {
    scene.send(commandOf(s.generation));
    s.reset();
  });
};

const relay: Take = (scene, s, who) => {
  scene.fair(who, 'publishes', () => {
    scene.publish(s.event);
    s.step = AT.DROP;
  });
  const clears = scene.has('clearOutbox: although the publish failed');
  scene.fault(who, 'finds SNS out', () => {
    if (clears) s.step = AT.DROP;
    else s.reset();
  });
};

const scrub: Take = (scene, s, who) => {
  scene.fair(who, 'removes the bytes of a cancelled asset', () => {
    scene.removeSource();
    if (scene.has('unlist: never')) s.reset();
    else s.step = AT.UNLIST;
  });
};

const remove: Take = (scene, s, who) => {
  scene.fair(who, 'removes all objects', () => {
    scene.removeSource();
    scene.world.derivedNow = 0;
    scene.world.derivedOld = 0;
    s.step = AT.BURY;
  });
};

const STAGES: Readonly<Record<Exclude<Stage, typeof AT.IDLE>, Take>> = {
  [AT.READ]: read,
  [AT.PROBE]: probe,
  [AT.SEND]: send,
  [AT.DEFER]: (scene, s, who) => writes(scene, s, who, writeOf('defer', asRead(s)), AT.SEND),
  [AT.FAIL]: (scene, s, who) => {
    const event = eventNumber(s.generation, 'FAILED');
    writes(scene, s, who, writeOf('fail', { ...asRead(s), event }));
  },
  [AT.EXPIRE]: (scene, s, who) => writes(scene, s, who, writeOf('expire', asRead(s))),
  [AT.PUT_OFF]: (scene, s, who) => writes(scene, s, who, writeOf('defer', asRead(s)), AT.RELAY),
  [AT.RELAY]: relay,
  [AT.DROP]: (scene, s, who) => writes(scene, s, who, writeOf('clearOutbox', { event: s.event })),
  [AT.SCRUB]: scrub,
  [AT.UNLIST]: (scene, s, who) => writes(scene, s, who, writeOf('unlist', asRead(s))),
  [AT.PURGE]: (scene, s, who) => {
    const next = scene.has('bury: before the objects go') ? AT.BURY : AT.REMOVE;
    writes(scene, s, who, writeOf('purge', asRead(s)), next);
  },
  [AT.REMOVE]: remove,
  [AT.BURY]: (scene, s, who) => writes(scene, s, who, writeOf('bury')),
};
