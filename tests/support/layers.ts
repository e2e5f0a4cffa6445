/** The dependency rule: which layer of src/ may import which, and which npm package lives in which layer. */

/** Layers a layer may import besides itself. A layer absent here fails the test that reads it. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  ports: ['domain'],
  operators: [],
  strategies: ['domain', 'ports'],
  app: ['domain', 'ports'],
  streams: ['domain', 'ports', 'operators', 'app'],
  adapters: ['domain', 'ports'],
  telemetry: ['domain', 'ports'],
  embedded: ['adapters', 'config', 'domain'],
  api: ['domain', 'app'],
  config: ['domain'],
  main: [
    'domain',
    'ports',
    'operators',
    'strategies',
    'app',
    'streams',
    'adapters',
    'telemetry',
    'embedded',
    'api',
    'config',
  ],
};

/** Layers that may name a package. A package absent here may be named nowhere in src/. */
const PACKAGE_LIVES_IN: Readonly<Record<string, readonly string[]>> = {
  rxjs: ['operators', 'streams', 'main'],
  '@aws-sdk': ['adapters'],
  'dynamodb-toolbox': ['adapters'],
  'sqs-consumer': ['adapters'],
  ioredis: ['adapters'],
  redlock: ['adapters'],
  mediabunny: ['adapters'],
  'mediainfo.js': ['adapters'],
  'ffprobe-static': ['adapters'],
  'file-type': ['adapters'],
  sharp: ['adapters'],
  thumbhash: ['adapters'],
  uuidv7: ['adapters'],
  cockatiel: ['adapters'],
  pino: ['telemetry'],
  '@opentelemetry': ['telemetry'],
  hono: ['api'],
  '@hono': ['main'],
  valibot: ['api', 'config'],
  fauxqs: ['embedded'],
  '@20minutes': ['embedded'],
  dynalite: ['embedded'],
};

/** Layers that may use Node's own modules. The others run anywhere. */
const MAY_USE_NODE = ['adapters', 'config', 'embedded', 'telemetry', 'main'];

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const SPECIFIER = /\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g;

/** Every import in `files` that breaks the dependency rule, as `path -> specifier`. */
export function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(SPECIFIER)]
      .map((match) => match[1] ?? '')
      .filter((specifier) => !allowed(path, specifier))
      .map((specifier) => `${path} -> ${specifier}`),
  );
}

function allowed(path: string, specifier: string): boolean {
  const [, from = '', vendor] = path.split('/');
  if (specifier.startsWith('./')) return true;
  if (specifier.startsWith('node:')) return MAY_USE_NODE.includes(from);
  if (specifier.startsWith('#')) {
    const [to = '', toVendor] = specifier.slice(1).split('/');
    if (from === 'adapters' && to === 'adapters') return toVendor === vendor;
    return from === to || (MAY_IMPORT[from]?.includes(to) ?? false);
  }
  return PACKAGE_LIVES_IN[specifier.split('/')[0] ?? '']?.includes(from) ?? false;
}
