import { ForgeError } from '#domain/errors.ts';
import type { LocalFile } from '#ports/local-copies.ts';
import type { MediaProbe, ProbeReport } from '#ports/media-probe.ts';
import type { MediaSource } from '#ports/media-source.ts';
import { assertComplete } from './completeness.ts';
import { locateFfprobe } from './ffprobe-binary.ts';
import { ENTRIES, ENTRIES_SINCE_5, FORMAT_WHITELIST, parseFfprobe } from './ffprobe-report.ts';
import { type Confinement, confinements, type JailLimits, runJailed } from './jail.ts';
import {
  corrupt,
  isShortage,
  starved,
  tooComplex,
  unavailable,
  unsupported,
} from './media-fault.ts';
import { copyTooLarge, withPrivateCopy } from './private-copy.ts';
import { RangeCache } from './range-cache.ts';

/** What the probe is given from outside. */
export interface FfprobeOptions {
  /** The binary to run; absent, the one that `ffprobe-static` bundles. */
  readonly ffprobePath?: string | undefined;
  /** A larger file is not copied. */
  readonly copyBytesMax: number;
  readonly jail: JailLimits;
}

/** How ffprobe runs on this machine. */
interface Setup {
  readonly command: string;
  readonly confinement: Confinement;
  readonly entries: string;
}

/** One allocation; the jail bounds the sum, where there is one. */
const ALLOCATION_BYTES_MAX = 256 * 1024 * 1024;
const PROBE_BYTES_MAX = 5_000_000;
const ANALYSE_MICROSECONDS_MAX = 5_000_000;

/**
 * The last resort: a whole copy, read by ffprobe in a jail.
 *
 * It never sees a URL or a name that somebody else chose, opens nothing but files of known formats, and is believed only
 * where what it says makes sense. How it can be jailed is found out once, on a file that is known to be good.
 */
export class FfprobeProbe implements MediaProbe {
  readonly #options: FfprobeOptions;
  #setup: Promise<Setup> | null = null;

  constructor(options: FfprobeOptions) {
    this.#options = options;
  }

  async probe(source: MediaSource, container: string, signal: AbortSignal): Promise<ProbeReport> {
    const { copyBytesMax } = this.#options;
    await assertComplete(new RangeCache(source), container, signal);
    if (source.size > copyBytesMax) throw copyTooLarge(copyBytesMax);
    const setup = await this.#ready();
    return withPrivateCopy(source.stream(signal), copyBytesMax, signal, (copy) =>
      this.#read(setup, copy, container, signal),
    );
  }

  /** The name of the confinement that works here. */
  async confinement(): Promise<string> {
    return (await this.#ready()).confinement.name;
  }

  #ready(): Promise<Setup> {
    this.#setup ??= this.#find().catch((error: unknown) => {
      this.#setup = null;
      throw error;
    });
    return this.#setup;
  }

  /** The strictest confinement in which ffprobe says of a WAV file that it is one. */
  async #find(): Promise<Setup> {
    const command = await locateFfprobe(this.#options.ffprobePath);
    const signal = AbortSignal.timeout(this.#options.jail.wallMs * 2);
    const all = await confinements(this.#options.jail);
    return withPrivateCopy(goodFile(), GOOD_FILE.length, signal, async (copy) => {
      for (const confinement of all) {
        for (const entries of [ENTRIES_SINCE_5, ENTRIES]) {
          const setup = { command, confinement, entries };
          if (await this.#works(setup, copy, signal)) return setup;
        }
      }
      throw signal.aborted
        ? starved('ffprobe could not be tried in time')
        : unavailable('ffprobe does not run here');
    });
  }

  async #works(setup: Setup, copy: LocalFile, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.#read(setup, copy, 'wav', signal)).container === 'wav';
    } catch (error) {
      // What cannot be run now says nothing of how it can be jailed.
      if (error instanceof ForgeError && isShortage(error.cause)) throw error;
      return false;
    }
  }

  async #read(
    { command, confinement, entries }: Setup,
    { directory, path }: LocalFile,
    container: string,
    signal: AbortSignal,
  ): Promise<ProbeReport> {
    const args = [
      ...['-v', 'error', '-max_alloc', `${ALLOCATION_BYTES_MAX}`],
      ...['-protocol_whitelist', 'file', '-format_whitelist', FORMAT_WHITELIST],
      ...['-probesize', `${PROBE_BYTES_MAX}`, '-analyzeduration', `${ANALYSE_MICROSECONDS_MAX}`],
      ...['-show_entries', entries, '-of', 'json=c=1', '-i', `file:${path}`],
    ];
    const options = { limits: this.#options.jail, directory };
    const run = await runJailed(confinement, [command, ...args], options, signal).catch(
      (error: unknown) => {
        if (error instanceof ForgeError || signal.aborted) throw error;
        throw unavailable('ffprobe could not be started', error);
      },
    );
    if (run.killedBy) throw tooComplex(`ffprobe ended by ${run.killedBy}`);
    if (run.stderr.includes('not on whitelist')) throw unsupported('the container is not allowed');
    if (run.exitCode !== 0 && !run.stdout.includes('"format"')) {
      throw corrupt('ffprobe cannot read the file', run.stderr);
    }
    return parseFfprobe(run.stdout, container);
  }
}

/** 44 bytes of header and two samples of silence. */
const GOOD_FILE = Uint8Array.from(
  atob('UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAAAA'),
  (char) => char.charCodeAt(0),
);

async function* goodFile(): AsyncIterable<Uint8Array> {
  yield GOOD_FILE;
}
