// A thread in which MediaInfo reads.
import { workerData } from 'node:worker_threads';
import { ADDITIONS } from './engine-table.ts';
import { MediainfoProbe } from './mediainfo-probe.ts';
import { serve } from './thread-side.ts';
import { limitWasmMemory } from './wasm-memory.ts';

limitWasmMemory(workerData.memoryBytesMax);
serve(new MediainfoProbe({ trusts: Object.keys(ADDITIONS) }));
