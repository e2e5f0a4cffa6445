// A machine that has run out of something: descriptors here, room on the disk below. Each probe runs in a process of its
// own, which uses up all descriptors but a few, tells what became of a good file, frees them, and tells it again.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** How one try ended: with the engine's name, or with an error. */
interface Try {
  readonly engine?: string;
  readonly code?: string;
  readonly kind?: string;
}

const MEBIBYTE = 1024 * 1024;

/** Makes `probe`, which is warm where it can be. */
const PROBES = {
  threads: `new ThreadedProbe({ threadsMax: 1, heapBytesMax: ${128 * MEBIBYTE} })`,
  ffprobe: 'ffprobe',
  'the last resort': `new EngineProbe({ ffprobe, mediabunny: ignorant }, { timeoutMs: 20_000 })`,
} as const;

function triesOf(probe: keyof typeof PROBES, descriptorsLeft: number): readonly Try[] {
  const script = `
    import { closeSync, openSync } from 'node:fs';
    import { EngineProbe } from '#adapters/probe/engine-probe.ts';
    import { FfprobeProbe } from '#adapters/probe/ffprobe-probe.ts';
    import { unsupported } from '#adapters/probe/media-fault.ts';
    import { ThreadedProbe } from '#adapters/probe/threaded-probe.ts';
    import { mediaFile } from './tests/support/file-source.ts';
    const limits = { wallMs: 10_000, memoryBytesMax: ${512 * MEBIBYTE}, stdoutBytesMax: ${MEBIBYTE} };
    const ffprobe = new FfprobeProbe({ copyBytesMax: ${16 * MEBIBYTE}, jail: limits });
    const ignorant = { probe: async () => { throw unsupported('not known here'); } };
    const probe = ${PROBES[probe]};
    await ffprobe.confinement();
    const signal = new AbortController().signal;
    const source = mediaFile('clip.mp4');
    const attempt = () => probe.probe(source, 'mp4', signal).then(
      ({ engine }) => ({ engine }),
      ({ code, kind }) => ({ code, kind }),
    );
    const taken = [];
    try {
      for (;;) taken.push(openSync('/dev/null'));
    } catch {}
    for (const one of taken.splice(0, ${descriptorsLeft})) closeSync(one);
    const during = await attempt();
    for (const one of taken) closeSync(one);
    process.stdout.write(JSON.stringify([during, await attempt()]));
    process.exit();`;
  const node = [process.execPath, '--input-type=module', '--eval', script];
  const child = spawnSync('/bin/sh', ['-c', 'ulimit -n 100; exec "$@"', 'sh', ...node], { encoding: 'utf8' });
  expect(child.stderr).toBe('');
  return JSON.parse(child.stdout);
}

describe('x', () => {
  it.each([0,1,2,3,4,5,6,7,8,9,10,12,14])('%s', (k) => {
   for (const p of Object.keys(PROBES)) console.log(k, p, (()=>{try{return JSON.stringify(triesOf(p as never, k))}catch(e){return String(e).slice(0,300)}})());
  }, 60000);
});
