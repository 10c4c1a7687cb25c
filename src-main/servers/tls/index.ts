export { createTlsAcceptor, type OwnedTlsAcceptor, type TlsAcceptorOptions } from './acceptor';
export { alertName, alertNumber } from './alerts';
export { connectTls, createTlsDialer, type TlsDialer, type TlsDialerOptions, type TlsTarget } from './connect';
export { explainTlsError } from './handshake-failure';
export * from './types';
