import type { Transport } from '../probes';

/** How a transport is called where only its protection matters. */
export const transportWord: Readonly<Record<Transport, string>> = {
  'mysql-plain': 'Without TLS',
  'mysql-tls': 'With TLS, not verified',
  'mysql-tls-verified': 'With TLS, verified',
  'mysql-mutual-tls': 'Mutual TLS',
  'mysql-unix': 'Unix socket',
  'grpc-plain': 'gRPC without TLS',
  'grpc-tls': 'gRPC with TLS',
  'grpc-mutual-tls': 'gRPC, mutual TLS',
};

/** The same inside a sentence. */
export const transportPhrase: Readonly<Record<Transport, string>> = {
  'mysql-plain': 'without TLS',
  'mysql-tls': 'with TLS that the client does not verify',
  'mysql-tls-verified': 'with verified TLS',
  'mysql-mutual-tls': 'with mutual TLS',
  'mysql-unix': 'over the Unix socket',
  'grpc-plain': 'over gRPC without TLS',
  'grpc-tls': 'over gRPC with TLS',
  'grpc-mutual-tls': 'over gRPC with mutual TLS',
};
