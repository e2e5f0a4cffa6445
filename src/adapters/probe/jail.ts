import { type ChildProcess, type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { firstRunnable } from './first-runnable.ts';
import { tooComplex } from './media-fault.ts';
import { PatientWall } from './patient-wall.ts';
import { processFacts } from './process-facts.ts';

/** What a jailed process may use. */
export interface JailLimits {
  /** From its start to its end; processor time too. */
  readonly wallMs: number;
  /** Address space. */
  readonly memoryBytesMax: number;
  readonly stdoutBytesMax: number;
}

/** A way to confine a command on this machine: what is put in front of it. */
export interface Confinement {
  readonly name: string;
  readonly prefix: readonly string[];
}

/** How a jailed process ended. The exit code proves nothing: look at what it said. */
export interface JailedRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
}

/** Where a command runs, what it may use, and who hears what it says while it says it, in place of what is gathered. */
export interface JailOptions {
  readonly limits: JailLimits;
  readonly directory: string;
  readonly onStdout?: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
}

const STDERR_BYTES_MAX = 4096;

/** Output that was written before a process ended is read long before this. */
const HANG_UP_MS = 500;

/** `nobody`, on every Linux. */
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];

const TOOL_DIRECTORIES = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/**
 * What could confine a command here, the strictest first and nothing last. Whether it works depends on who we are and
 * what the kernel allows, and a refusal looks like a bad file: so each is to be tried on a good one. Where one of the tools
 * is missing, the others confine without it. The name says of what a confinement is made.
 */
export async function confinements(
  limits: JailLimits,
  toolDirectories = TOOL_DIRECTORIES,
): Promise<readonly Confinement[]> {
  const free: Confinement = { name: 'none', prefix: [] };
  if (process.platform !== 'linux') return [free];
  const [prlimit, unshare, setpriv] = await Promise.all(
    ['prlimit', 'unshare', 'setpriv'].map((name) =>
      firstRunnable(toolDirectories.map((directory) => `${directory}/${name}`)),
    ),
  );
  const seconds = Math.ceil(limits.wallMs / 1000);
  const bounded = part('limits', prlimit, [
    ...[`--as=${limits.memoryBytesMax}`, `--cpu=${seconds}`, '--nofile=32'],
    ...['--fsize=0', '--core=0', '--'],
  ]);
  const offline = part('no network', unshare, ['-n', '--']);
  const offlineAsUser = part('no network as user', unshare, ['-rn', '--']);
  const mortal = setpriv ? await dyingWithUs(setpriv) : [];
  const unprivileged = part('no new privileges', setpriv, ['--no-new-privs', ...mortal, '--']);
  const nobody = part('no new privileges, nobody', setpriv, [
    ...['--no-new-privs', ...mortal, ...NOBODY, '--'],
  ]);
  const all = [
    joined(bounded, offline, nobody),
    joined(bounded, offline, unprivileged),
    joined(bounded, offlineAsUser, unprivileged),
    joined(bounded, nobody),
    joined(bounded, unprivileged),
    joined(bounded),
    free,
  ];
  // Without one of the tools some of them are the same.
  return all.filter(
    ({ prefix }, at) => all.findIndex((other) => other.prefix.join() === prefix.join()) === at,
  );
}

/** Nothing where the tool is missing. */
function part(name: string, tool: string | null | undefined, args: readonly string[]): Confinement {
  return tool ? { name, prefix: [tool, ...args] } : { name: '', prefix: [] };
}

function joined(...parts: readonly Confinement[]): Confinement {
  const names = parts.map(({ name }) => name).filter((name) => name !== '');
  return { name: names.join(', ') || 'none', prefix: parts.flatMap(({ prefix }) => prefix) };
}

/** Where it can be had: whoever kills us with no chance to clean up kills the command with us. */
async function dyingWithUs(setpriv: string): Promise<readonly string[]> {
  const help = await promisify(execFile)(setpriv, ['--help']).catch(() => null);
  return help?.stdout.includes('--pdeathsig') ? ['--pdeathsig', 'KILL'] : [];
}

/**
 * Runs a command in its own process group, without environment and input, and kills the group when it has taken its
 * time, when it says too much, and when the signal aborts. Resolves or rejects after it has ended.
 *
 * @throws ForgeError `PROBE_TIMEOUT`, `MEDIA_TOO_COMPLEX` (permanent), `PROBE_UNAVAILABLE` (transient) where it got no
 * processor time; the signal's reason; the system's error where the command cannot be started.
 */
export async function runJailed(
  confinement: Confinement,
  command: readonly string[],
  options: JailOptions,
  signal: AbortSignal,
): Promise<JailedRun> {
  signal.throwIfAborted();
  const { limits, directory } = options;
  const [file = '', ...args] = [...confinement.prefix, ...command];
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  const child = spawn(file, args, { cwd: directory, env: {}, detached: true, stdio });
  // Before anything else: one that could not be started tells whoever listens, and ends the process where nobody does.
  const ending = ended(child);
  let verdict: unknown;
  const end = (reason: unknown): void => {
    verdict ??= reason;
    killGroup(child);
  };
  const { wallMs } = limits;
  const wall = new PatientWall({ wallMs, isToBlame: () => hadItsTime(child, wallMs) });
  const both = AbortSignal.any([signal, wall.signal]);
  const onAbort = (): void => end(both.reason);
  both.addEventListener('abort', onAbort, { once: true });
  const onFull = (): void => end(tooComplex('too much to say'));
  const stdout = collect(child.stdout, limits.stdoutBytesMax, onFull, options.onStdout);
  const stderr = collect(child.stderr, STDERR_BYTES_MAX, () => {}, options.onStderr);
  try {
    const { exitCode, killedBy } = await ending;
    if (verdict !== undefined) throw verdict;
    return { stdout: stdout(), stderr: stderr(), exitCode, killedBy };
  } finally {
    wall.end();
    both.removeEventListener('abort', onAbort);
  }
}

/** Waits for a processor or a disk, was stopped by somebody, or has ended and nobody has looked yet. */
const HELD_UP = 'RDTZ';

/** Of the wall, the processor time with which nobody is held up. */
const OWN_SHARE = 0.5;

/** Whether a child whose wall is over has worked, or slept of its own will, all that time. */
async function hadItsTime({ pid }: ChildProcess, wallMs: number): Promise<boolean> {
  const facts = pid === undefined ? null : await processFacts(pid);
  return !facts || !HELD_UP.includes(facts.state) || facts.cpuMs >= wallMs * OWN_SHARE;
}

/** The group has the number of its first process, which was started detached. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}

/**
 * Gathers a stream up to a number of bytes; the rest is read and dropped. Where there were no file descriptors left for a
 * child there is no stream, whatever the types say.
 */
function collect(
  stream: NodeJS.ReadableStream | undefined,
  bytesMax: number,
  onFull: () => void,
  onChunk?: (chunk: Buffer) => void,
): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (bytes + chunk.length > bytesMax) onFull();
    if (onChunk) onChunk(chunk);
    else if (bytes < bytesMax) chunks.push(chunk.subarray(0, bytesMax - bytes));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** The end of the process and of its output. Whoever it left behind in its group goes with it. */
function ended(
  child: ChildProcessByStdio<null, Readable, Readable>,
): Promise<{ exitCode: number | null; killedBy: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    let hangUp: NodeJS.Timeout | undefined;
    child.once('error', reject);
    child.once('exit', () => {
      killGroup(child);
      // One that has left the group may keep the pipes open; it is not waited for.
      hangUp = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, HANG_UP_MS);
    });
    child.once('close', (exitCode, killedBy) => {
      clearTimeout(hangUp);
      resolve({ exitCode, killedBy });
    });
  });
}
