import { hasCode } from './has-code.ts';

/** The services of the embedded cloud that listen on a port of their own. */
export type EmbeddedService = 's3' | 'messaging' | 'dynamodb';

/** Somebody else listens where a service of the embedded cloud should. */
export class PortInUseError extends Error {
  readonly service: EmbeddedService;
  readonly port: number;

  constructor(service: EmbeddedService, port: number, cause: unknown) {
    super(`Port ${port}, wanted by the embedded cloud for ${service}, is already in use`, {
      cause,
    });
    this.name = 'PortInUseError';
    this.service = service;
    this.port = port;
  }
}

/** The same error, or a PortInUseError where listening failed because the port is taken. */
export function listenError(service: EmbeddedService, port: number, error: unknown): unknown {
  return hasCode(error, 'EADDRINUSE') ? new PortInUseError(service, port, error) : error;
}
