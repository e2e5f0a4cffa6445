import { FORMAT_WHITELIST } from '#adapters/probe/ffprobe-report.ts';
import {
  type Confinement,
  confinements,
  type JailLimits,
  type JailOptions,
  runJailed,
} from '#adapters/probe/jail.ts';
import {
  corrupt,
  isShortage,
  starved,
  tooComplex,
  unavailable,
} from '#adapters/probe/media-fault.ts';
import { withPrivateCopy } from '#adapters/probe/private-copy.ts';
import { ForgeError } from '#domain/errors.ts';
import type { LocalFile } from '#ports/local-copies.ts';
import { locateFfmpeg } from './ffmpeg-binary.ts';

/** What ffmpeg is given from outside. */
export interface FfmpegOptions {
  /** The binary to run; absent, the first on the path. */
  readonly ffmpegPath?: string | undefined;
  readonly searchPath: readonly string[];
  /** Of one run; `stdoutBytesMax` is for a picture. */
  readonly jail: JailLimits;
}

/** One run over a file: what goes before `-i`, and what after it. */
export interface FfmpegRun {
  readonly input?: readonly string[];
  readonly output: readonly string[];
  /** `error` unless told. */
  readonly verbosity?: 'error' | 'info';
}

/** How ffmpeg runs on this machine. */
interface Setup {
  readonly command: string;
  readonly confinement: Confinement;
}

/** One allocation; the jail bounds the sum, where there is one. */
const ALLOCATION_BYTES_MAX = 256 * 1024 * 1024;
const PROBE_BYTES_MAX = 5_000_000;
const ANALYSE_MICROSECONDS_MAX = 5_000_000;

/**
 * ffmpeg in a jail: it reads a private copy of a known format, says what it made on its standard output, and writes no
 * file. How it can be jailed is found out once, on a file that is known to be good.
 */
export class Ffmpeg {
  readonly #options: FfmpegOptions;
  #setup: Promise<Setup> | null = null;

  constructor(options: FfmpegOptions) {
    this.#options = options;
  }

  /** The name of the confinement that works here. */
  async confinement(): Promise<string> {
    return (await this.#ready()).confinement.name;
  }

  /**
   * What a run writes.
   *
   * @throws ForgeError `PROBE_UNAVAILABLE`: permanent where there is no ffmpeg that runs, transient where the machine is
   * short of something; `CORRUPT_MEDIA` where nothing comes of it, `MEDIA_TOO_COMPLEX`, `PROBE_TIMEOUT` (permanent).
   */
  async read(file: LocalFile, run: FfmpegRun, signal: AbortSignal): Promise<Buffer> {
    const chunks: Buffer[] = [];
    const { stderr } = await this.#run(await this.#ready(), file, run, signal, {
      onStdout: (chunk) => chunks.push(chunk),
    });
    if (chunks.length === 0) throw corrupt('ffmpeg makes nothing of the file', stderr);
    return Buffer.concat(chunks);
  }

  /** The same for what is much and is not kept: each chunk is handed on. */
  async listen(
    file: LocalFile,
    run: FfmpegRun,
    to: Pick<JailOptions, 'onStdout' | 'onStderr'>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#run(await this.#ready(), file, run, signal, to, Number.POSITIVE_INFINITY);
  }

  #ready(): Promise<Setup> {
    this.#setup ??= this.#find().catch((error: unknown) => {
      this.#setup = null;
      throw error;
    });
    return this.#setup;
  }

  /** The strictest confinement in which ffmpeg decodes a WAV file to the samples that are in it. */
  async #find(): Promise<Setup> {
    const { ffmpegPath, searchPath, jail } = this.#options;
    const command = await locateFfmpeg(ffmpegPath, searchPath);
    const signal = AbortSignal.timeout(jail.wallMs * 2);
    const all = await confinements(jail);
    return withPrivateCopy(goodFile(), GOOD_FILE.length, signal, async (copy) => {
      for (const confinement of all) {
        const setup = { command, confinement };
        if (await this.#works(setup, copy, signal)) return setup;
      }
      throw signal.aborted
        ? starved('ffmpeg could not be tried in time')
        : unusable('ffmpeg does not run here');
    });
  }

  async #works(setup: Setup, copy: LocalFile, signal: AbortSignal): Promise<boolean> {
    let heard = 0;
    const onStdout = (chunk: Buffer): void => {
      heard += chunk.length;
    };
    try {
      await this.#run(setup, copy, { output: ['-f', 's16le'] }, signal, { onStdout });
    } catch (error) {
      // What cannot be started now says nothing of how it can be jailed.
      if (error instanceof ForgeError && isShortage(error.cause)) throw error;
      return false;
    }
    return heard === GOOD_SAMPLE_BYTES;
  }

  async #run(
    { command, confinement }: Setup,
    { directory, path }: LocalFile,
    { input = [], output, verbosity = 'error' }: FfmpegRun,
    signal: AbortSignal,
    to: Pick<JailOptions, 'onStdout' | 'onStderr'>,
    stdoutBytesMax = this.#options.jail.stdoutBytesMax,
  ): Promise<{ readonly stderr: string }> {
    const args = [
      ...['-nostdin', '-hide_banner', '-nostats', '-v', verbosity],
      ...['-max_alloc', `${ALLOCATION_BYTES_MAX}`, '-filter_threads', '1', '-threads', '1'],
      ...['-protocol_whitelist', 'file', '-format_whitelist', FORMAT_WHITELIST],
      ...['-probesize', `${PROBE_BYTES_MAX}`, '-analyzeduration', `${ANALYSE_MICROSECONDS_MAX}`],
      ...[...input, '-i', `file:${path}`, '-sn', '-dn', '-map_metadata', '-1'],
      ...['-map_chapters', '-1', '-threads', '1', '-flags', '+bitexact', '-fflags', '+bitexact'],
      ...[...output, 'pipe:1'],
    ];
    const options: JailOptions = {
      limits: { ...this.#options.jail, stdoutBytesMax },
      directory,
      ...to,
    };
    const run = await runJailed(confinement, [command, ...args], options, signal).catch(
      (error: unknown) => {
        if (error instanceof ForgeError || signal.aborted) throw error;
        const detail = 'ffmpeg could not be started';
        throw isShortage(error) ? unavailable(detail, error) : unusable(detail, error);
      },
    );
    if (run.killedBy) throw tooComplex(`ffmpeg ended by ${run.killedBy}`);
    return run;
  }
}

/** Another attempt would find it no better here. */
function unusable(detail: string, cause?: unknown): ForgeError {
  return new ForgeError('PROBE_UNAVAILABLE', 'permanent', detail, { cause });
}

/** 44 bytes of header and two samples of silence. */
const GOOD_FILE = Uint8Array.from(
  atob('UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQQAAAAAAAAA'),
  (char) => char.charCodeAt(0),
);
const GOOD_SAMPLE_BYTES = 4;

async function* goodFile(): AsyncIterable<Uint8Array> {
  yield GOOD_FILE;
}
