import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Labels, Metrics } from '#ports/metrics.ts';

type Counter = ReturnType<ReturnType<MeterProvider['getMeter']>['createCounter']>;
type Gauge = ReturnType<ReturnType<MeterProvider['getMeter']>['createGauge']>;

/** Figures in the process, by OpenTelemetry, for Prometheus to fetch at `/metrics`. */
export class PrometheusMetrics implements Metrics {
  readonly #exporter = new PrometheusExporter({
    preventServerStart: true,
    // They say the same of every series.
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  readonly #meter = new MeterProvider({ readers: [this.#exporter] }).getMeter('streamforge');
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  #server: Server | null = null;

  count(name: string, labels: Labels = {}, by = 1): void {
    let counter = this.#counters.get(name);
    if (!counter) {
      counter = this.#meter.createCounter(name);
      this.#counters.set(name, counter);
    }
    counter.add(by, labels);
  }

  gauge(name: string, value: number, labels: Labels = {}): void {
    let gauge = this.#gauges.get(name);
    if (!gauge) {
      gauge = this.#meter.createGauge(name);
      this.#gauges.set(name, gauge);
    }
    gauge.record(value, labels);
  }

  /**
   * Answers `GET /metrics` from now on, and says where. It keeps no process alive.
   *
   * @param port 0 takes a free one.
   * @throws What Node's `listen` fails with: `EADDRINUSE`, …
   */
  async listen(host: string, port: number): Promise<string> {
    const server = createServer((request, response) => {
      if (request.url !== '/metrics') answer(response, 404);
      else if (request.method !== 'GET') answer(response, 405);
      else this.#exporter.getMetricsRequestHandler(request, response);
    });
    server.unref();
    server.listen(port, host);
    await once(server, 'listening');
    this.#server = server;
    const { port: bound } = server.address() as AddressInfo;
    return `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`;
  }

  /** Answers no more. */
  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
