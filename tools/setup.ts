import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * `npm run setup`: installs what the tests use beyond npm, and says what it does. It needs apt as root, or brew; elsewhere
 * it prints what to install.
 */
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
  { command: 'ffmpeg', usedFor: 'making media files', apt: 'ffmpeg', brew: 'ffmpeg' },
];

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function run(command: string, args: readonly string[]): void {
  say(`> ${[command, ...args].join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env });
  if (status === 0) return;
  say(`setup failed: ${command} ${error ? error.message : `ended with ${status}`}`);
  process.exit(1);
}

const missing = PROGRAMS.filter(({ command }) => !isOnPath(command));
for (const { command, usedFor } of PROGRAMS) {
  const state = missing.some((each) => each.command === command) ? 'missing' : 'found';
  say(`${command.padEnd(14)} ${state.padEnd(8)} ${usedFor}`);
}

if (missing.length === 0) {
  say('Nothing to install.');
} else if (isOnPath('apt-get') && process.getuid?.() === 0) {
  run('apt-get', ['update', '-q']);
  run('apt-get', [
    'install',
    '-y',
    '-q',
    '--no-install-recommends',
    ...missing.map(({ apt }) => apt),
  ]);
  say('Installed.');
} else if (isOnPath('brew')) {
  run('brew', ['install', ...missing.map(({ brew }) => brew)]);
  say('Installed.');
} else {
  const names = missing.map(({ apt }) => apt).join(' ');
  say(
    isOnPath('apt-get')
      ? `Run this first:  sudo apt-get install -y ${names}`
      : `Install these first:  ${names}`,
  );
  say('Without them the tests still pass; those that need a real Redis are skipped, and say so.');
}
