import { GatehouseError } from '../kernel';

/** What a request asked for cannot be written into a certificate: thrown by the writers, to be shown as it is. */
export const refuseRequest = (code: string, summary: string): GatehouseError => new GatehouseError({ code, summary });
