import { printable } from '#main/printable.ts';
import { bytesText, durationText, table } from '#main/table.ts';
import type { FileReport } from './run-file.ts';

type Metadata = NonNullable<FileReport['metadata']>;

const size = (
  of: { readonly displayWidth: number; readonly displayHeight: number } | undefined,
): string => (of ? `${of.displayWidth} × ${of.displayHeight}` : '–');

/** What was found, for a person: the files, then what is in them, what was made of them, and what went wrong. */
export function reportText(reports: readonly FileReport[]): string {
  const sections = [
    filesTable(reports),
    tracksTable(reports),
    derivativesTable(reports),
    failures(reports),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function filesTable(reports: readonly FileReport[]): string {
  const head = [
    'FILE',
    'STATUS',
    'CONTAINER',
    'DURATION',
    'DISPLAY',
    'SIZE',
    'READ',
    'REQUESTS',
    'PUT TO END',
    'EVENT',
  ];
  const rows = reports.map(({ file, status, metadata, probe, timings, event }) => [
    file,
    status,
    ...(metadata ? found(metadata) : ['–', '–', '–', '–']),
    ...(probe ? [bytesText(probe.bytesRead), String(probe.requests)] : ['–', '–']),
    timings ? `${timings.processMs} ms` : '–',
    event?.type ?? 'none',
  ]);
  return table([head, ...rows]);
}

function found(metadata: Metadata): string[] {
  const isImage = metadata.kind === 'image';
  const duration = isImage ? '–' : durationText(metadata.durationSeconds);
  const picture = isImage ? metadata.image : metadata.videoTracks[0];
  return [metadata.container, duration, size(picture), bytesText(metadata.size)];
}

function tracksTable(reports: readonly FileReport[]): string {
  const rows = reports.flatMap(({ file, metadata }) => (metadata ? tracks(file, metadata) : []));
  return rows.length === 0
    ? ''
    : table([['FILE', 'TRACK', 'CODEC', 'FORMAT', 'BIT RATE', 'LANGUAGE'], ...rows]);
}

function tracks(file: string, metadata: Metadata): string[][] {
  if (metadata.kind === 'image') {
    const { format, width, height, orientation, colourSpace } = metadata.image;
    const turned = orientation === null ? '' : `, EXIF orientation ${orientation}`;
    return [
      [file, 'image', format, `${width} × ${height} ${colourSpace ?? ''}${turned}`, '–', '–'],
    ];
  }
  const bitRate = (bits: number | null): string =>
    bits === null ? '–' : `${Math.round(bits / 1000)} kbit/s`;
  const video = metadata.videoTracks.map((track) => {
    const turned = track.rotation === 0 ? '' : `, turned ${track.rotation}°`;
    const rate = track.frameRate === null ? '' : ` at ${Number(track.frameRate.toFixed(3))} fps`;
    const format = `${track.width} × ${track.height}${rate}${turned}`;
    return [
      file,
      'video',
      track.codec ?? '–',
      format,
      bitRate(track.bitRate),
      track.language ?? '–',
    ];
  });
  const audio = metadata.audioTracks.map((track) => {
    const format = `${track.sampleRate ?? '–'} Hz, ${channelsText(track.channels)}`;
    return [
      file,
      'audio',
      track.codec ?? '–',
      format,
      bitRate(track.bitRate),
      track.language ?? '–',
    ];
  });
  return [...video, ...audio];
}

function derivativesTable(reports: readonly FileReport[]): string {
  const rows = reports.flatMap(({ file, derivatives }) =>
    derivatives.map(({ name, status, contentType, size, reason }) => [
      file,
      name,
      status,
      ...(size === undefined ? ['–', reason ?? '–'] : [bytesText(size), contentType ?? '–']),
    ]),
  );
  return rows.length === 0
    ? ''
    : table([['FILE', 'DERIVATIVE', 'STATUS', 'SIZE', 'TYPE OR REASON'], ...rows]);
}

function failures(reports: readonly FileReport[]): string {
  return reports
    .flatMap(({ file, failure }) =>
      failure ? [printable(`${file}: ${failure.code}: ${failure.detail}`)] : [],
    )
    .join('\n');
}

function channelsText(channels: number | null): string {
  const names: Readonly<Record<number, string>> = { 1: 'mono', 2: 'stereo' };
  return channels === null ? '–' : (names[channels] ?? `${channels} channels`);
}
