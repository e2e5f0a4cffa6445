declare module 'ffprobe-static' {
  /** Where the bundled binary is, or would be if the platform had one. */
  export const path: string;
}
