import type { Asset } from '#domain/asset.ts';
import { isTerminal } from '#domain/states.ts';
import { type Write, writeOf } from './changes.ts';
import { EVENT_IDS, eventNumber, isLive, uploadOf, waitingEvent } from './rows.ts';
import { generationOf, nameOf, S3_EVENTS, type Scene, type Worker } from './scene.ts';

/** Where a worker is: at each of these it awaits something, and meanwhile anything may happen. */
export const AT = {
  IDLE: 0,
  HEAD: 1,
  PEEK: 2,
  CLAIM: 3,
  LOOK: 4,
  WORK: 5,
  RELEASE: 6,
  COMMIT: 7,
  RECHECK: 8,
  PUBLISH: 9,
  CLEAR: 10,
  WIPE: 11,
  ACK: 12,
} as const;
export type Stage = (typeof AT)[keyof typeof AT];

export const [COMPLETED, FAILED] = [1, 2] as const;

/** A worker's message, as `streams/process.ts` and the commands take it: HEAD, claim, work, commit, publish, clear, ack. */
export function work(scene: Scene, w: Worker, who: string): void {
  if (w.step !== AT.IDLE) {
    scene.fault(who, 'crashes', () => w.reset());
    STAGES[w.step as keyof typeof STAGES](scene, w, who);
    return;
  }
  for (let kind = 1; kind <= scene.kinds; kind++) {
    if (!scene.waits(kind)) continue;
    scene.fair(who, `receives ${nameOf(kind)}`, () => {
      w.step = AT.HEAD;
      w.kind = kind;
    });
  }
}

type Take = (scene: Scene, w: Worker, who: string) => void;

const go = (w: Worker, step: Stage) => (): void => {
  w.step = step;
};

const toAck = (w: Worker) => (): void => {
  const { kind } = w;
  w.reset();
  w.kind = kind;
  w.step = AT.ACK;
};

const toPublish = (w: Worker, event: number): void => {
  toAck(w)();
  if (event === 0) return;
  w.step = AT.PUBLISH;
  w.event = event;
};

const toCommit = (w: Worker, ending: number): void => {
  w.step = AT.COMMIT;
  w.ending = ending;
  if (ending === FAILED) w.upload = 0;
};

/** Starts the job with what the claim answered, or with the row that was read after it. */
function toWork(scene: Scene, w: Worker): void {
  const row = scene.row as Asset;
  const believes = scene.has("claim: the job believes the message's generation");
  w.token = row.fencingToken;
  w.upload = uploadOf(row);
  w.generation = believes ? generationOf(w.kind) : row.generation;
  w.step = AT.WORK;
  w.takeOver = 0;
  const spent = row.attempts > scene.scenario.attempts;
  if (spent && !scene.has('claim: a spent asset is tried again')) toCommit(w, FAILED);
}

/** A beat that was under way may land after the work has ended; a refused one ends the work. */
function beat(scene: Scene, w: Worker, who: string): void {
  const renewal = writeOf('renew', { token: w.token, generation: w.generation });
  if (scene.permits(renewal)) scene.mishap(who, 'renews', () => scene.write(renewal, w));
  else if (w.step === AT.WORK) scene.fault(who, 'renewal refused, aborts', () => w.reset());
}

const head: Take = (scene, w, who) => {
  // S3 said which bytes arrived; a command did not.
  const upload = w.kind <= S3_EVENTS ? w.kind : scene.world.object;
  const found = scene.world.object ? `finds upload ${scene.world.object}` : 'finds nothing';
  scene.fair(who, `HEAD ${found}`, () => {
    w.upload = upload;
    w.step = upload || scene.has('claim: without HEAD') ? AT.CLAIM : AT.PEEK;
  });
};

/** No bytes to be seen: those that an earlier claim saw count all the same. */
const peek: Take = (scene, w, who) => {
  const seen = scene.row ? uploadOf(scene.row) : 0;
  if (seen === 0) return look(scene, w, who);
  scene.fair(who, 'reads of bytes that were there', () => {
    w.upload = seen;
    w.step = AT.CLAIM;
  });
};

const claimOf = (scene: Scene, w: Worker): Write =>
  writeOf('claim', {
    generation: generationOf(w.kind),
    upload: w.upload,
    takeOver: w.takeOver === 1 || scene.has('suspect: taken over in passing'),
  });

const claim: Take = (scene, w, who) => {
  const attempt = claimOf(scene, w);
  if (!scene.permits(attempt)) return scene.fair(who, 'claim refused', go(w, AT.LOOK));
  scene.fair(who, 'claims', () => {
    scene.write(attempt, w);
    toWork(scene, w);
    if (scene.has('ack: right after the claim')) scene.ack(w.kind);
  });
  scene.mishap(who, 'claims, the reply is lost, and begins again', () => {
    scene.write(attempt, w);
    w.upload = 0;
    w.step = AT.HEAD;
  });
};

/** Why the claim was refused. */
const look: Take = (scene, w, who) => {
  const { row } = scene;
  const find = (what: string, effect: () => void): void =>
    scene.fair(who, `reads: ${what}`, effect);
  const later = (): void => w.reset();
  if (!row || row.status === 'PURGED') return find('gone', toAck(w));
  if (row.status === 'PROCESSING' && w.mine) {
    const recognised = !scene.has('claim: a lost reply is not recognised');
    return find('the claim is mine', () => (recognised ? toWork(scene, w) : later()));
  }
  if (row.status === 'CANCELLED') {
    return find('cancelled', scene.has('cancel: late bytes stay') ? toAck(w) : go(w, AT.WIPE));
  }
  if (row.deletedAt) return find('deleted', toAck(w));
  if (row.generation !== generationOf(w.kind)) return find('another generation', toAck(w));
  if (isTerminal(row.status)) return find('finished', () => toPublish(w, waitingEvent(row)));
  if (row.status === 'PROCESSING') return lookAtHeld(scene, w, row, find);
  return w.upload ? find('another try may claim it', later) : find('no bytes yet', toAck(w));
};

function lookAtHeld(
  scene: Scene,
  w: Worker,
  row: Asset,
  find: (what: string, effect: () => void) => void,
) {
  const later = (): void => w.reset();
  if (isLive(row)) return find('busy', scene.has('ack: when busy') ? toAck(w) : later);
  if (!row.leaseUntil || w.takeOver) return find('another try may claim it', later);
  if (scene.has('suspect: never taken over')) return find('a suspect', later);
  find('a suspect, has it to itself', () => {
    const { kind } = w;
    w.reset();
    Object.assign(w, { step: AT.HEAD, kind, takeOver: 1 });
  });
}

const analyse: Take = (scene, w, who) => {
  const { object } = scene.world;
  const unpinned = scene.has('reads: not pinned to the ETag');
  beat(scene, w, who);
  scene.mishap(who, 'meets a transient error', go(w, AT.RELEASE));
  if (scene.scenario.killer) return scene.fair(who, 'is killed by the file', () => w.reset());
  if (scene.scenario.derivatives) {
    scene.fault(who, 'makes a derivative of bytes it has read before', () => derive(scene, w));
  }
  if (object === 0 || (object !== w.upload && !unpinned)) {
    return scene.fair(who, 'finds the source changed', () => toCommit(w, FAILED));
  }
  if (!scene.scenario.good) scene.fair(who, 'finds bad media', () => toCommit(w, FAILED));
  scene.fair(who, 'makes derivatives', () => {
    if (unpinned) w.upload = object;
    if (scene.scenario.derivatives) derive(scene, w);
    toCommit(w, COMPLETED);
  });
};

/** Derivatives lie under the token of whoever makes them. */
function derive(scene: Scene, w: Worker): void {
  const current = scene.row?.status === 'PROCESSING' && w.token === scene.row.fencingToken;
  if (current) scene.world.derivedNow = 1;
  else scene.world.derivedOld = 1;
}

const release: Take = (scene, w, who) => {
  beat(scene, w, who);
  for (const refund of [false, true]) {
    const given = writeOf('release', { token: w.token, generation: w.generation, refund });
    if (!scene.permits(given)) return scene.fair(who, 'release refused', () => w.reset());
    const what = refund ? 'releases, the attempt too' : 'releases';
    const apply = (): void => {
      if (refund && w.event) scene.violate('one release refunds two attempts');
      scene.write(given, w);
    };
    scene.fair(who, what, () => {
      apply();
      w.reset();
    });
    // `event` is free here: it keeps that an attempt was given back.
    scene.mishap(who, `${what}, the reply is lost, and does so again`, () => {
      apply();
      if (refund) w.event = 1;
    });
  }
};

const toRelease = (w: Worker) => (): void => {
  w.step = AT.RELEASE;
  w.ending = 0;
  w.upload = 0;
};

const commit: Take = (scene, w, who) => {
  const event = eventNumber(w.generation, w.ending === COMPLETED ? 'COMPLETED' : 'FAILED');
  const ending = writeOf('commit', { token: w.token, generation: w.generation, event });
  if (scene.has('publish: before the commit')) {
    scene.fair(who, 'publishes', () => scene.publish(event));
  }
  beat(scene, w, who);
  const believed = scene.has('commit: an error is taken for success');
  scene.mishap(who, 'gets no commit through', believed ? () => toPublish(w, event) : toRelease(w));
  if (!scene.permits(ending)) return scene.fair(who, 'commit refused', go(w, AT.RECHECK));
  const apply = (): void => {
    if (w.ending === COMPLETED && w.upload !== scene.world.firstUpload) {
      scene.violate('a result is made of other bytes than the first claim saw');
    }
    scene.write(ending, w);
  };
  scene.fair(who, 'commits', () => {
    apply();
    if (scene.has('ack: between commit and publish')) toAck(w)();
    else toPublish(w, event);
  });
  scene.mishap(who, 'commits, the reply is lost, and does so again', apply);
};

/** Whether a commit that was refused is done: by this worker's earlier call. */
const recheck: Take = (scene, w, who) => {
  const { row } = scene;
  const event = eventNumber(w.generation, w.ending === COMPLETED ? 'COMPLETED' : 'FAILED');
  const mine = row?.fencingToken === w.token && row.eventId === EVENT_IDS[event];
  if (row && mine && isTerminal(row.status)) {
    const recognised = !scene.has('commit: a lost reply is not recognised');
    return scene.fair(who, 'reads: the commit is mine', () =>
      recognised ? toPublish(w, waitingEvent(row)) : w.reset(),
    );
  }
  const acks = scene.has('ack: when the token is lost');
  scene.fair(who, 'reads: the token is lost, drops', acks ? toAck(w) : () => w.reset());
};

const publish: Take = (scene, w, who) => {
  scene.fair(who, 'publishes', () => {
    scene.publish(w.event);
    w.step = AT.CLEAR;
  });
  scene.mishap(who, 'publishes, the reply is lost', () => {
    scene.publish(w.event);
    toAck(w)();
  });
  const clears = scene.has('clearOutbox: although the publish failed');
  scene.fault(who, 'finds SNS out', clears ? go(w, AT.CLEAR) : toAck(w));
};

const clear: Take = (scene, w, who) => {
  const cleared = writeOf('clearOutbox', { event: w.event });
  scene.mishap(who, 'gets no clearOutbox through', toAck(w));
  if (!scene.permits(cleared)) return scene.fair(who, 'clearOutbox refused', toAck(w));
  scene.fair(who, 'clears the outbox', () => {
    scene.write(cleared, w);
    toAck(w)();
  });
  scene.mishap(who, 'clears the outbox, the reply is lost, and does so again', () =>
    scene.write(cleared, w),
  );
};

const wipe: Take = (scene, w, who) => {
  scene.fair(who, 'removes the bytes of a cancelled asset', () => {
    scene.removeSource();
    toAck(w)();
  });
};

const ack: Take = (scene, w, who) => {
  const { kind } = w;
  scene.fair(who, `acks ${nameOf(kind)}`, () => {
    scene.ack(kind);
    w.reset();
  });
  scene.fault(who, `acks ${nameOf(kind)}, which comes again`, () => {
    scene.ack(kind, true);
    w.reset();
  });
};

const STAGES: Readonly<Record<Exclude<Stage, typeof AT.IDLE>, Take>> = {
  [AT.HEAD]: head,
  [AT.PEEK]: peek,
  [AT.CLAIM]: claim,
  [AT.LOOK]: look,
  [AT.WORK]: analyse,
  [AT.RELEASE]: release,
  [AT.COMMIT]: commit,
  [AT.RECHECK]: recheck,
  [AT.PUBLISH]: publish,
  [AT.CLEAR]: clear,
  [AT.WIPE]: wipe,
  [AT.ACK]: ack,
};
