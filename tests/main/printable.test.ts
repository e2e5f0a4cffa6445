import { describe, expect, it } from 'vitest';
import { printable } from '#main/printable.ts';

describe('printable', () => {
  it.each([
    ['holiday.mp4', 'holiday.mp4'],
    ['отпуск 休暇.mp4', 'отпуск 休暇.mp4'],
    ['a\r\nb\tc', 'a  b c'],
    ['\u001b[31mred', ' [31mred'],
    ['\u202egpj.exe', ' gpj.exe'],
    ['\0\u007f\u009b', '   '],
  ])('makes %j %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});
