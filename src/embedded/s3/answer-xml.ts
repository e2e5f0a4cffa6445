import type { S3Context } from '@20minutes/s3rver/context';

/** An element's text, its children by name, or several elements of that name. Undefined is no element. */
type Xml =
  | string
  | number
  | boolean
  | undefined
  | readonly Xml[]
  | { readonly [name: string]: Xml };

/** Answers as S3 does. s3rver would do it from an object, but escapes twice. */
export function answerXml(
  ctx: S3Context,
  root: string,
  children: Readonly<Record<string, Xml>>,
): void {
  const text = element(root, children).replace(
    '>',
    ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
  );
  ctx.status = 200;
  ctx.set('content-type', 'application/xml');
  ctx.body = `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
}

function element(name: string, value: Xml): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return value.map((one: Xml) => element(name, one)).join('');
  const text =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([child, content]) => element(child, content))
          .join('')
      : escapeXml(String(value));
  return `<${name}>${text}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replace(/[<>&'"\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
