import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

// In a process of its own: the bound is for all that runs there.
const SCRIPT = `
  import { limitWasmMemory } from '#adapters/probe/wasm-memory.ts';
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 100 });
  limitWasmMemory(3 * 64 * 1024);
  const tries = [1, 1, 1].map((pages) => {
    try { return memory.grow(pages); } catch (error) { return error.name; }
  });
  console.log(JSON.stringify([tries, memory.buffer.byteLength / 65536]));
`;

describe('limitWasmMemory', () => {
  it('gives a module what it asks for, up to the bound', async () => {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', SCRIPT]);
    expect(JSON.parse(stdout)).toEqual([[1, 2, 'RangeError'], 3]);
  });
});
