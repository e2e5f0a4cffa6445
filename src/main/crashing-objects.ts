import type { CrashAt } from '#config/crash-at.ts';
import type { ObjectStore } from '#ports/object-store.ts';

/** Where derivatives are kept. */
const DERIVED = 'derived/';

/** An object store that crashes before or after it takes a derivative, for tests of what is left behind. */
export function crashingObjects(
  objects: ObjectStore,
  { when, stage }: Pick<CrashAt, 'when' | 'stage'>,
  kill: () => void,
): ObjectStore {
  if (stage !== 'derivative') return objects;
  const put: ObjectStore['put'] = async (key, ...given) => {
    const isHere = key.startsWith(DERIVED);
    if (isHere && when === 'before') kill();
    await objects.put(key, ...given);
    if (isHere && when === 'after') kill();
  };
  return new Proxy(objects, {
    get: (_, name) => {
      if (name === 'put') return put;
      const own: unknown = Reflect.get(objects, name);
      // Its private fields are out of a proxy's reach.
      return typeof own === 'function' ? own.bind(objects) : own;
    },
  });
}

/** Ends this process on the spot, as a crash of the machine does: nothing is flushed, nobody is told. */
export function crash(): void {
  process.kill(process.pid, 'SIGKILL');
}
