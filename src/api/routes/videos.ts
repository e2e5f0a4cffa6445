import { Hono } from 'hono';
import * as v from 'valibot';
import type { ApiEnv } from '#api/api-env.ts';
import { assetLinks, assetView } from '#api/asset-view.ts';
import { jsonBody } from '#api/middleware/json-body.ts';
import { refuse } from '#api/problem.ts';
import type { ClientApp } from '#app/app.ts';
import { isAssetId } from '#domain/keys.ts';
import { formatTraceparent } from '#domain/trace-context.ts';

/** Any JSON object, with every key it has: `v.record` takes arrays, and drops keys such as `constructor`. */
const jsonObject = v.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'Invalid type: Expected Object',
);

/** Shape only: what a file may be called, be and weigh is the domain's to say. */
const InitUpload = v.strictObject({
  fileName: v.string(),
  contentType: v.string(),
  size: v.number(),
  checksumSha256: v.optional(v.string()),
  metadata: v.optional(jsonObject),
});

/** The collection of assets, under the name clients know it by. */
export function videos({ commands, queries }: ClientApp) {
  return new Hono<ApiEnv>()
    .post('/init', async (context) => {
      const request = await jsonBody(context, InitUpload);
      const { tenant, correlationId, trace } = context.var;
      const traceparent = formatTraceparent(trace);
      const input = { tenant, request, correlationId, traceparent };
      const { asset, upload } = await commands.initUpload(input, context.req.raw.signal);
      const links = assetLinks(asset);
      context.header('location', links.self);
      context.header('cache-control', 'no-store');
      const { expiresAt, ...single } = upload;
      return context.json(
        {
          id: asset.assetId,
          status: asset.status,
          upload: { kind: 'single', ...single, expiresAt: new Date(expiresAt).toISOString() },
          correlationId,
          traceId: trace.traceId,
          links,
        },
        201,
      );
    })
    .get('/:id', async (context) => {
      const { tenant } = context.var;
      const assetId = context.req.param('id');
      if (!isAssetId(assetId)) refuse('ASSET_NOT_FOUND', 'there is no such asset');
      const asset = await queries.getAsset({ tenant, assetId }, context.req.raw.signal);
      return context.json(assetView(asset));
    });
}
