import { isTerminal } from '#domain/states.ts';
import { type ModelStep, writeOf } from './changes.ts';
import { freshRow, isDue, isLive, numberOfStatus, urlIsGood } from './rows.ts';
import {
  commandOf,
  FLYING,
  LOST,
  nameOf,
  S3_EVENTS,
  type Scene,
  STORED,
  STORED_LATE,
  UNSENT,
} from './scene.ts';
import { AT } from './worker.ts';

/** Where a request of the API is that reads first and writes later. */
const CALL = { NONE: 0, RETRY: 1, RETRY_AGAIN: 2, COMMAND: 3, RESTORE: 4 } as const;

/** Everything around workers and sweepers: the client, S3, SQS, time, and the API. */
export function surroundings(scene: Scene): void {
  client(scene);
  for (const upload of [1, 2] as const) {
    if (upload <= scene.scenario.uploads) transfer(scene, upload);
  }
  if (scene.scenario.loss) loss(scene);
  time(scene);
  request(scene);
}

function client(scene: Scene): void {
  const { row, scenario, world } = scene;
  init(scene);
  if (!row && !world.buried) return;
  const wish = (step: ModelStep, effect: () => void = () => {}): void => {
    const write = writeOf(step, {
      generation: row?.generation ?? 0,
      status: row ? numberOfStatus(row.status) : 0,
    });
    if (!scene.permits(write)) return;
    scene.fault('client', step, () => {
      scene.write(write);
      effect();
    });
  };
  const signed = (): void => {
    world.urlOpen = 1;
  };
  if (scenario.extend && scene.has('extend: a URL is signed without it')) {
    scene.fault('client', 'gets a fresh URL', signed);
  } else if (scenario.extend) wish('extend', signed);
  if (scenario.hint) scene.fault('client', 'says complete', () => scene.send(commandOf(1)));
  if (scenario.cancel) wish('cancel');
  if (!scenario.remove) return;
  wish('delete');
  wish('restore');
}

/** A row that was buried is a tombstone: asked for again, its id is taken. */
function init(scene: Scene): void {
  const { row, scenario, world } = scene;
  const taken = row !== null && !scene.has('create.absent');
  if (taken || ((row || world.buried) && !scenario.reinit)) return;
  scene.fair('client', 'init', () => {
    scene.create(freshRow());
    world.urlOpen = 1;
    world.firstUpload = 0;
    world.outcome1 = world.outcome2 = world.outcome3 = 0;
    if (world.put1 !== FLYING) world.put1 = UNSENT;
    if (world.put2 !== FLYING) world.put2 = UNSENT;
  });
}

function transfer(scene: Scene, upload: 1 | 2) {
  const { row, scenario, world } = scene;
  const become = (state: number) => (): void => {
    world[`put${upload}`] = state;
  };
  const put = world[`put${upload}`];
  const inTurn = upload === 1 || world.put1 !== UNSENT;
  if (put === UNSENT && world.urlOpen && row && inTurn) {
    scene.fault('client', `PUT ${upload} starts`, become(FLYING));
  }
  if (put !== FLYING) return;
  scene.fair('S3', `PUT ${upload} breaks off`, become(LOST));
  if (world.object && !scenario.overwrite) {
    return scene.fair('S3', `PUT ${upload} refused: If-None-Match`, become(LOST));
  }
  const late = !world.urlOpen && !scene.has('assumed: late bytes keep their event');
  scene.fair('S3', `PUT ${upload} lands${late ? ' late' : ''}`, () => {
    world.object = upload;
    become(late ? STORED_LATE : STORED)();
    scene.send(upload);
  });
}

function loss(scene: Scene): void {
  for (let kind = 1; kind <= scene.kinds; kind++) {
    const isSure = kind <= S3_EVENTS && scene.world[`put${kind as 1 | 2}`] === STORED_LATE;
    if (scene.waits(kind) && !isSure) {
      scene.fault('SQS', `${nameOf(kind)} is lost`, () => scene.take(kind));
    }
  }
}

function time(scene: Scene): void {
  const { row, world } = scene;
  if (row?.status === 'PROCESSING' && isLive(row)) {
    scene.fair('time', 'the lease lapses', () => scene.age('leaseUntil'));
  }
  if (world.urlOpen) {
    scene.fair('time', 'URL expiry + grace', () => {
      world.urlOpen = 0;
      scene.age('uploadExpiresAt');
    });
  }
  if (row?.dueAt !== undefined && !isDue(row) && mayFallDue(scene)) {
    scene.fair('time', 'dueAt', () => scene.age('dueAt'));
  }
}

/** What each `dueAt` was made of: an expiry, a lease, the end of all jobs. */
function mayFallDue(scene: Scene): boolean {
  const { row } = scene;
  if (!row) return false;
  if (row.deletedAt) return mayBePurged(scene);
  if (row.status === 'PROCESSING') return !isLive(row);
  if (row.status === 'CANCELLED') {
    return !urlIsGood(row) || scene.has('cancel: cleans up before URL expiry');
  }
  if (row.status === 'PENDING' && row.generation === 1) return !urlIsGood(row);
  return true;
}

function mayBePurged(scene: Scene): boolean {
  const { row, world, workers } = scene;
  if (row && urlIsGood(row) && !scene.has('assumed: purge after URL expiry')) return false;
  const uploads = world.put1 === FLYING || world.put2 === FLYING;
  if (uploads && !scene.has('assumed: purge after uploads')) return false;
  return workers.every((w) => w.step !== AT.WORK) || scene.has('assumed: purge after jobs');
}

function request(scene: Scene) {
  const { world } = scene;
  if (world.call === CALL.NONE) return begin(scene);
  const rest = (): void => {
    world.call = CALL.NONE;
    world.callGeneration = 0;
    world.callStatus = 0;
  };
  scene.fault('API', 'crashes', rest);
  if (world.call === CALL.COMMAND) {
    return scene.fair('API', 'sends the command', () => {
      scene.send(commandOf(world.callGeneration));
      rest();
    });
  }
  if (world.call === CALL.RESTORE) return restore(scene, rest);
  retry(scene, rest);
}

function begin(scene: Scene): void {
  const { row, scenario, world } = scene;
  if (!row) return;
  const mayRetry = isTerminal(row.status) && !row.event && !row.deletedAt;
  if (mayRetry && row.generation < scenario.generations) {
    scene.fault('API', 'reads a row to be retried', () => {
      world.call = CALL.RETRY;
      world.callGeneration = row.generation;
    });
  }
  if (!scenario.remove || !row.deletedAt) return;
  scene.fault('API', 'reads a row to be restored', () => {
    world.call = CALL.RESTORE;
    world.callStatus = numberOfStatus(row.status);
  });
}

function restore(scene: Scene, rest: () => void) {
  const write = writeOf('restore', { status: scene.world.callStatus });
  if (!scene.permits(write)) return scene.fair('API', 'restore refused', rest);
  scene.fair('API', 'restores', () => {
    scene.write(write);
    rest();
  });
}

function retry(scene: Scene, rest: () => void) {
  const { row, scenario, world } = scene;
  const write = writeOf('retry', { generation: world.callGeneration });
  const send = (): void => {
    world.call = CALL.COMMAND;
    world.callGeneration += 1;
  };
  if (!scene.permits(write)) {
    const reopened = row?.generation === world.callGeneration + 1 && !row.deletedAt;
    if (reopened) return scene.fair('API', 'finds it reopened', send);
    return scene.fair('API', 'retry refused', rest);
  }
  if (world.call === CALL.RETRY_AGAIN) {
    return scene.fair('API', 'retries again', () =>
      scene.violate('one request opens two generations'),
    );
  }
  if (row?.generation === scenario.generations) {
    return scene.fair('API', 'retry refused: the model ends here', rest);
  }
  scene.fair('API', 'retries', () => {
    scene.write(write);
    send();
  });
  scene.fault('API', 'retries, the reply is lost', () => {
    scene.write(write);
    world.call = CALL.RETRY_AGAIN;
  });
}
