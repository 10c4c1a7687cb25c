import { oc } from '@orpc/contract';
import { z } from 'zod';
import { failure } from '../failure';

/** A part of the cluster as the pictures and lists show it. */
export const clusterNode = z.object({
  /** `gateway:NAME`, `tablet:ALIAS` or `backend:NAME`. */
  id: z.string(),
  kind: z.enum(['gateway', 'tablet', 'backend']),
  name: z.string(),
  state: z.enum(['stopped', 'starting', 'running', 'failed']),
  /** Why it failed or does not serve; null when all is well. */
  fault: z.string().nullable(),
  /** What it listens on, in the order MySQL, gRPC, socket. */
  addresses: z.array(z.object({ label: z.string(), address: z.string() })),
  /** Of a tablet: whether its table ACL is enforced; null for other parts. */
  acl: z.enum(['strict', 'dry-run', 'off', 'none']).nullable(),
  /** For instance `MariaDB 10.11.6` or `static, hardened`. */
  detail: z.string(),
  rates: z
    .object({
      /** Statements a second over the last seconds. */
      perSecond: z.number(),
      statements: z.number(),
      connections: z.number(),
    })
    .nullable(),
});
export type ClusterNode = z.infer<typeof clusterNode>;

/** One link of the chain and how it is protected, from the draft's topology. */
export const clusterLink = z.object({
  /** `client>gateway:NAME/mysql`, `client>gateway:NAME/grpc`, `gateway:NAME>tablet:ALIAS`, `tablet:ALIAS>backend:NAME`. */
  id: z.string(),
  from: z.string(),
  to: z.string(),
  protocol: z.enum(['mysql', 'grpc']),
  protection: z.enum(['mutual-tls', 'tls', 'tls-optional', 'plain', 'local-socket']),
  /** File of the certificate that each side shows, or null for none; `caller` when callers show their own. */
  toShows: z.string().nullable(),
  fromShows: z.string().nullable(),
  /** A sentence on who checks whom. */
  text: z.string(),
  checks: z.array(z.object({ who: z.string(), against: z.string() })),
  flags: z.array(z.string()),
  file: z.string(),
  line: z.number(),
  findings: z.array(z.object({ message: z.string(), remedy: z.string(), code: z.string() })),
});
export type ClusterLink = z.infer<typeof clusterLink>;

export const clusterPart = z.object({
  state: z.enum(['stopped', 'starting', 'running', 'stopping', 'failed']),
  /** ISO 8601; when the cluster became ready. */
  since: z.string().nullable(),
  /** What a start has finished so far. */
  steps: z.array(z.object({ text: z.string(), detail: z.string() })),
  failure: failure.nullable(),
  nodes: z.array(clusterNode),
  links: z.array(clusterLink),
  /** Files on disk that the running cluster has not taken over. */
  stale: z.array(z.string()),
  /** Somebody else runs this workspace's cluster. */
  holder: z.string().nullable(),
  fidelity: z.enum(['vitess', 'hardened']),
  vitess: z.string(),
});
export type ClusterPart = z.infer<typeof clusterPart>;

export const clusterContract = {
  start: oc.input(z.void()).output(z.void()),
  stop: oc.input(z.void()).output(z.void()),
  restart: oc.input(z.void()).output(z.void()),
  /** Stops, starts or restarts one gateway or tablet of the running cluster, or its MySQL. */
  part: oc
    .input(z.strictObject({ id: z.string().max(200), action: z.enum(['stop', 'start', 'restart']) }))
    .output(z.void()),
};
