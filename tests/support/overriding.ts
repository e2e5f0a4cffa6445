/** The same object with some of its methods replaced; private fields stay within reach of the others. */
export function overriding<T extends object>(target: T, overrides: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      const own = Reflect.get(name in overrides ? overrides : target, name);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}
