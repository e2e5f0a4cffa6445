/**
 * `npm run setup`: installs what the tests and `tools/make-samples.sh` use beyond npm, and says what it does. It needs apt
 * as root, or brew; elsewhere it prints what to install.
 */
import { spawnSync } from 'node:child_process';
import { isOnPath } from './is-on-path.ts';

interface Program {
  readonly command: string;
  readonly usedFor: string;
  readonly apt: string;
  readonly brew: string;
}

const PROGRAMS: readonly Program[] = [
  {
    command: 'redis-server',
    usedFor: 'lock and cache tests on a real Redis',
    apt: 'redis-server',
    brew: 'redis',
  },
  {
    command: 'ffmpeg',
    usedFor: 'derivatives, the corpus of files, samples',
    apt: 'ffmpeg',
    brew: 'ffmpeg',
  },
];

function run(command: string, args: readonly string[]): void {
  console.log(`> ${[command, ...args].join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env });
  if (status === 0) return;
  console.log(`setup failed: ${command} ${error ? error.message : `ended with ${status}`}`);
  process.exit(1);
}

const missing = PROGRAMS.filter(({ command }) => !isOnPath(command));
for (const program of PROGRAMS) {
  const { command, usedFor } = program;
  const state = missing.includes(program) ? 'missing' : 'found';
  console.log(`${command.padEnd(14)} ${state.padEnd(8)} ${usedFor}`);
}

if (missing.length === 0) {
  console.log('Nothing to install.');
} else if (isOnPath('apt-get') && process.getuid?.() === 0) {
  run('apt-get', ['update', '-q']);
  run('apt-get', [
    'install',
    '-y',
    '-q',
    '--no-install-recommends',
    ...missing.map(({ apt }) => apt),
  ]);
  console.log('Installed.');
} else if (isOnPath('brew')) {
  run('brew', ['install', ...missing.map(({ brew }) => brew)]);
  console.log('Installed.');
} else {
  const names = missing.map(({ apt }) => apt).join(' ');
  console.log(
    isOnPath('apt-get')
      ? `Run this first:  sudo apt-get install -y ${names}`
      : `Install these first:  ${names}`,
  );
  console.log(
    'Without them the tests still pass; those that need a real Redis are skipped, and say so.',
  );
}
