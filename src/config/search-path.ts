import { delimiter } from 'node:path';

/** The folders where the commands of this machine are, first things first. */
export function searchPath(path = process.env['PATH']): readonly string[] {
  return (path ?? '').split(delimiter).filter((folder) => folder !== '');
}
