import { run } from '../../tools/corpus/run.ts';

/** A stream as ffprobe describes it; numbers are mostly text, as in its JSON. */
export interface FfprobeStream {
  readonly index: number;
  readonly codec_type: string;
  readonly codec_name?: string;
  readonly profile?: string;
  readonly level?: number;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly avg_frame_rate?: string;
  readonly pix_fmt?: string;
  readonly field_order?: string;
  readonly color_primaries?: string;
  readonly color_transfer?: string;
  readonly color_space?: string;
  readonly color_range?: string;
  readonly bit_rate?: string;
  readonly duration?: string;
  readonly nb_read_packets?: string;
  readonly channels?: number;
  readonly channel_layout?: string;
  readonly sample_rate?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
  readonly disposition: { readonly attached_pic: number };
  /** Every packet of it, in the order of the file. */
  readonly packets: readonly FfprobePacket[];
  /** What its first frame carries. */
  readonly frameSideData: readonly string[];
}

export interface FfprobePacket {
  readonly stream_index: number;
  readonly pts_time?: string;
  readonly flags: string;
}

/** What ffprobe says of a file. */
export interface FfprobeTruth {
  readonly format: {
    readonly format_name: string;
    readonly duration?: string;
    readonly bit_rate?: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
  readonly streams: readonly FfprobeStream[];
  readonly chapters: readonly unknown[];
}

/** Asks the ffprobe on the PATH for everything. */
export async function askFfprobe(name: string, directory: string): Promise<FfprobeTruth> {
  const ask = async (...what: readonly string[]) =>
    JSON.parse(
      await run(['ffprobe', '-v', 'error', ...what, '-of', 'json', '-i', name], directory),
    );
  const packet = 'packet=stream_index,pts_time,flags';
  const entries = `format:stream:chapter:stream_tags:format_tags:stream_disposition:stream_side_data:${packet}`;
  const [all, frames] = await Promise.all([
    ask('-show_entries', entries, '-count_packets'),
    ask('-show_frames', '-read_intervals', '%+#1', '-show_entries', 'frame_side_data_list'),
  ]);
  const packets = Map.groupBy(all.packets ?? [], ({ stream_index }: FfprobePacket) => stream_index);
  const [first] = frames.frames ?? [];
  const frameSideData = (first?.side_data_list ?? []).map(
    ({ side_data_type }: { readonly side_data_type: string }) => side_data_type,
  );
  return {
    ...all,
    chapters: all.chapters ?? [],
    streams: all.streams.map((stream: FfprobeStream) => ({
      ...stream,
      packets: packets.get(stream.index) ?? [],
      frameSideData: stream.codec_type === 'video' ? frameSideData : [],
    })),
  };
}
