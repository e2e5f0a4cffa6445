import type { AnalyseSourceDeps } from '#app/commands/analyse-source.ts';
import type { Strategy } from '#ports/strategy.ts';

type Media = Pick<AnalyseSourceDeps, 'openSource' | 'select'>;

/** A way of reading media that waits at a gate, so that a test decides when jobs go on. */
export interface GatedMedia {
  /** Assets whose analysis has begun, in order. */
  readonly begun: readonly string[];
  readonly through: (media: Media) => Media;
  /** Lets everybody pass from now on. */
  open(): void;
}

/** The gate, closed. Who is aborted while waiting leaves with the reason, as a real analysis does. */
export function gatedMedia(): GatedMedia {
  const gate = Promise.withResolvers<void>();
  const begun: string[] = [];
  const gated = (strategy: Strategy): Strategy => ({
    kind: strategy.kind,
    analyse: async (input, signal) => {
      begun.push(input.asset.assetId);
      const left = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => left.reject(signal.reason), { once: true });
      await Promise.race([gate.promise, left.promise]);
      return strategy.analyse(input, signal);
    },
  });
  return {
    begun,
    through: ({ openSource, select }) => ({
      openSource,
      select: (type) => {
        const strategy = select(type);
        return strategy && gated(strategy);
      },
    }),
    open: () => gate.resolve(),
  };
}
