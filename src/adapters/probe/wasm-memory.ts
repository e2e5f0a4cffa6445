const PAGE_BYTES = 64 * 1024;

/** The part of `WebAssembly.Memory` that matters here; its types come with a browser's. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/**
 * Bounds the memory of every WebAssembly module of this thread from now on: a thread's own limits are of its JavaScript heap
 * only. A module that asks for more gets none, and ends.
 */
export function limitWasmMemory(bytesMax: number): void {
  const { prototype } = memoryClass();
  const { grow } = prototype;
  prototype.grow = function (this: Memory, pages: number): number {
    if (this.buffer.byteLength + pages * PAGE_BYTES > bytesMax) {
      throw new RangeError('the module may not have more memory');
    }
    return grow.call(this, pages);
  };
}

function memoryClass(): { readonly prototype: Memory } {
  const found: { readonly Memory: { readonly prototype: Memory } } = Reflect.get(
    globalThis,
    'WebAssembly',
  );
  return found.Memory;
}
