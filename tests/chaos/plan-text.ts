import type { ChaosPlan, Fault, JobPlan } from './plan.ts';

/** The plan as people read it: what happens when, and every upload that is out of the ordinary. */
export function planText({ seed, jobs, workers, faults, uploads }: ChaosPlan): string {
  const happens = faults.map(
    ({ afterFinished, fault }) =>
      `after ${String(afterFinished).padStart(5)} finished  ${faultText(fault)}`,
  );
  const special = uploads.flatMap((upload) => {
    const text = specialText(upload);
    return text === '' ? [] : [`upload ${String(upload.index).padStart(5)}  ${text}`];
  });
  const head = `seed ${seed}, ${jobs} jobs, ${workers} workers`;
  return `${[head, '', ...happens, '', ...special].join('\n')}\n`;
}

/** A fault in a few words. Workers are counted from 1, as people do. */
export function faultText(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `SIGKILL of worker ${fault.worker + 1}, again after ${fault.restartMs} ms`;
    case 'freeze':
      return `SIGSTOP of worker ${fault.worker + 1} for ${fault.ms} ms`;
    case 'network':
      return `${fault.fault} between worker ${fault.worker + 1} and ${fault.service} for ${fault.ms} ms`;
    case 'redis flush':
      return 'FLUSHALL';
    case 'redis kill':
      return `SIGKILL of Redis, again after ${fault.restartMs} ms`;
    case 'redis freeze':
      return `SIGSTOP of Redis for ${fault.ms} ms`;
    default:
      return fault satisfies never;
  }
}

function specialText({ file, failsWith, deliveriesMs }: JobPlan): string {
  const [first = 0] = deliveriesMs;
  const notes = [
    failsWith && `${file.fileName} as ${file.contentType} ends with ${failsWith}`,
    deliveriesMs.length === 0 && 'event lost',
    deliveriesMs.length > 1 &&
      `event ${deliveriesMs.length} times, at ${deliveriesMs.join(', ')} ms`,
    deliveriesMs.length === 1 && first > 0 && `event late by ${first} ms`,
  ];
  return notes.filter(Boolean).join('; ');
}
