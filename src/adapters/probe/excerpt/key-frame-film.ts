import {
  BufferTarget,
  type EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  type InputVideoTrack,
  Mp4OutputFormat,
  Output,
} from 'mediabunny';
import { unsupported } from '#adapters/probe/media-fault.ts';
import { MeteredInput } from '#adapters/probe/metered-input.ts';
import { RangeCache } from '#adapters/probe/range-cache.ts';
import { ForgeError } from '#domain/errors.ts';
import type { MediaSource } from '#ports/media-source.ts';

/** Which pictures are wanted. */
export interface FilmRequest {
  readonly container: string;
  /** Seconds. */
  readonly duration: number;
  /** Pictures, evenly over the duration. */
  readonly count: number;
}

/** No common divisor with any count of ours: steps of it visit every picture, early ones from all over the film. */
const STRIDE = 37;

/**
 * A film of key frames alone, at the times they have in the source: what is needed to show a long video in a few pictures,
 * for the price of those pictures.
 *
 * Where the budget of the source ends before that, it has fewer of them, from all over.
 *
 * @returns An MP4, whatever the source is.
 * @throws ForgeError those of the source; `UNSUPPORTED_CONTAINER` (permanent) where this cannot be done.
 */
export async function keyFrameFilm(
  source: MediaSource,
  request: FilmRequest,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const metered = new MeteredInput(new RangeCache(source), request.container, signal);
  try {
    const [track] = await metered.input.getVideoTracks();
    if (!track) throw unsupported('there is no picture');
    return await filmOf(track, await gather(track, request, metered));
  } catch (error) {
    signal.throwIfAborted();
    if (metered.fault) throw metered.fault;
    throw error instanceof ForgeError ? error : unsupported('no film can be made of it', error);
  } finally {
    metered.close();
  }
}

/** In the order of their times, each once. */
async function gather(
  track: InputVideoTrack,
  { duration, count }: FilmRequest,
  metered: MeteredInput,
): Promise<readonly EncodedPacket[]> {
  const sink = new EncodedPacketSink(track);
  const packets = new Map<number, EncodedPacket>();
  for (let index = 0; index < count; index += 1) {
    const at = (((index * STRIDE) % count) / count) * duration;
    try {
      const packet = (await sink.getKeyPacket(at)) ?? (await sink.getFirstKeyPacket());
      if (packet) packets.set(packet.timestamp, packet);
    } catch (error) {
      if (!isSpent(metered.fault) || packets.size === 0) throw error;
      break;
    }
  }
  return [...packets.values()].sort((a, b) => a.timestamp - b.timestamp);
}

function isSpent(fault: unknown): boolean {
  return fault instanceof ForgeError && fault.code === 'PROBE_BUDGET_EXCEEDED';
}

async function filmOf(
  track: InputVideoTrack,
  packets: readonly EncodedPacket[],
): Promise<Uint8Array> {
  const [codec, decoderConfig] = [await track.getCodec(), await track.getDecoderConfig()];
  if (!codec || !decoderConfig) throw unsupported('a codec that no film is made of');
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'in-memory' }), target });
  const pictures = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(pictures, { rotation: await track.getRotation() });
  await output.start();
  for (const packet of packets) {
    // Before the first shown picture, where an edit list has cut some off.
    if (packet.timestamp >= 0) await pictures.add(packet, { decoderConfig });
  }
  await output.finalize();
  return new Uint8Array(target.buffer ?? new ArrayBuffer(0));
}
