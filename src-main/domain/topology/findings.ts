import type { Finding, JsonPlace } from '../kernel';
import type { Topology } from './topology';

/** Where a part of the topology stands in its file; a topology that was not read from a file has no places. */
const placeOf = (part: object): { readonly line: number; readonly column: number } => {
  const place = (part as { readonly place?: JsonPlace }).place;
  return place === undefined ? { line: 0, column: 0 } : { line: place.line, column: place.column };
};

/**
 * Settings that Vitess takes without a word although they leave a door open (vitess-behaviour §11). They are found in the
 * topology alone; what the certificates themselves say is checked with them.
 */
export function findOpenDoors(topology: Topology, file: string): Finding[] {
  const findings: Finding[] = [];
  let place = placeOf(topology);
  const warn = (code: string, message: string, remedy: string): void => {
    findings.push({ code: `topology.${code}`, level: 'warning', file, ...place, message, remedy });
  };
  for (const gateway of topology.gateways) {
    const { mysql, grpc } = gateway;
    if (mysql !== null) {
      place = placeOf(mysql);
      if (mysql.auth === 'none')
        warn(
          'auth-none',
          `gateway ${gateway.name}: everybody logs in as "userData1", whatever the password`,
          'Set mysql.auth to "static" or "clientcert".',
        );
      if (mysql.tls === null)
        warn('mysql-plaintext', `gateway ${gateway.name}: MySQL clients talk in clear`, 'Set mysql.tls.');
      else if (!mysql.requireSecureTransport)
        warn(
          'tls-not-required',
          mysql.tls.clientCa === null
            ? `gateway ${gateway.name}: TLS is offered but not required`
            : `gateway ${gateway.name}: a client certificate is asked only of clients that use TLS; without TLS nobody needs one`,
          'Set mysql.requireSecureTransport to true.',
        );
      if (mysql.requireSecureTransport && mysql.tls === null)
        warn(
          'require-without-tls',
          `gateway ${gateway.name}: requireSecureTransport is ignored without a certificate and key`,
          'Set mysql.tls.',
        );
      if (mysql.allowClearTextWithoutTls)
        warn(
          'clear-password',
          `gateway ${gateway.name}: passwords may cross the wire in clear`,
          'Set mysql.allowClearTextWithoutTls to false.',
        );
      if (mysql.proxyProtocol)
        warn(
          'proxy-protocol',
          `gateway ${gateway.name}: whoever connects may claim any address; who sends no PROXY header waits ten seconds`,
          'Let only the proxy reach the port, or set mysql.proxyProtocol to false.',
        );
    }
    if (gateway.statements.allowKill)
      warn(
        'kill-for-everybody',
        `gateway ${gateway.name}: whoever is logged in may end anybody's statements and connections (allowKill)`,
        'Set statements.allowKill to false.',
      );
    if (grpc !== null) {
      place = placeOf(grpc);
      if (grpc.tls === null)
        warn('grpc-plaintext', `gateway ${gateway.name}: gRPC callers talk in clear`, 'Set grpc.tls.');
      if (grpc.tls !== null && grpc.optionalTls && grpc.tls.clientCa !== null)
        warn(
          'optional-tls-with-ca',
          `gateway ${gateway.name}: plaintext callers walk past the client certificate`,
          'Set grpc.optionalTls to false.',
        );
      if (grpc.tls !== null && grpc.optionalTls && grpc.tls.clientCa === null && grpc.authMode === 'static')
        warn(
          'grpc-tls-optional',
          `gateway ${gateway.name}: TLS is optional for gRPC callers, so that passwords may cross in clear`,
          'Set grpc.optionalTls to false.',
        );
      if (grpc.useEffectiveCallerId && grpc.tls?.clientCa == null)
        warn(
          'claimed-callers',
          `gateway ${gateway.name}: any caller can claim any name (useEffectiveCallerId)`,
          'Set grpc.useEffectiveCallerId to false; or ask for client certificates, and sign none without a common name.',
        );
      if (grpc.useEffectiveGroups && !grpc.useEffectiveCallerId)
        warn(
          'groups-alone',
          `gateway ${gateway.name}: useEffectiveGroups does nothing without useEffectiveCallerId`,
          'Set both or neither.',
        );
      if (grpc.authMode === 'mtls' && grpc.tls?.clientCa == null)
        warn(
          'mtls-without-ca',
          `gateway ${gateway.name}: mtls authorisation never sees a certificate, so it refuses everybody`,
          'Set grpc.tls.clientCa.',
        );
      if (grpc.authMode === 'mtls' && (grpc.allowedSubstrings.length === 0 || grpc.allowedSubstrings.includes('')))
        warn(
          'mtls-empty-substring',
          `gateway ${gateway.name}: an empty allowed substring lets every certificate in`,
          'List the substrings that callers must carry.',
        );
    }
    place = placeOf(gateway.tabletLink ?? gateway);
    if (gateway.tabletLink === null)
      warn('link-plaintext', `gateway ${gateway.name}: its link to the tablets is in clear`, 'Set tabletLink.');
    else {
      const link = gateway.tabletLink;
      if (link.ca === null && (link.cert === null || link.key === null))
        warn(
          'link-silently-plaintext',
          `gateway ${gateway.name}: tabletLink names neither a CA nor a certificate with key, so Vitess dials in clear without a word`,
          'Set tabletLink.ca.',
        );
      // go/vt/grpcclient SecureDialOption: without a CA Go verifies with the authorities of the operating system.
      if (link.ca === null && link.cert !== null && link.key !== null)
        warn(
          'link-without-ca',
          `gateway ${gateway.name}: tabletLink names no CA, so tablets are checked with the authorities of the operating system, and those of a private CA are refused`,
          'Set tabletLink.ca to the authority of the tablets’ certificates.',
        );
      if ((link.cert === null) !== (link.key === null))
        warn(
          'link-half-pair',
          `gateway ${gateway.name}: tabletLink has a certificate or a key alone`,
          'Set both tabletLink.cert and tabletLink.key.',
        );
    }
  }
  for (const tablet of topology.tablets) {
    place = placeOf(tablet.grpc);
    if (tablet.grpc.tls === null)
      warn(
        'tablet-plaintext',
        `tablet ${tablet.alias}: whoever reaches its port can claim any caller`,
        'Set grpc.tls with clientCa.',
      );
    else if (tablet.grpc.tls.clientCa === null)
      warn(
        'tablet-open',
        `tablet ${tablet.alias}: it asks for no client certificate, so whoever reaches its port can claim any caller`,
        'Set grpc.tls.clientCa.',
      );
    const { acl } = tablet;
    place = placeOf(acl.file === null ? tablet : acl);
    if (acl.file === null)
      warn(
        'no-acl',
        acl.strict
          ? `tablet ${tablet.alias}: strict without an ACL file denies every table to everybody`
          : `tablet ${tablet.alias}: no table ACL, every caller reaches every table`,
        'Set acl.file.',
      );
    else {
      if (!acl.strict)
        warn(
          'strict-off',
          `tablet ${tablet.alias}: the ACL is not enforced: denied callers get through and are not counted`,
          'Set acl.strict to true.',
        );
      if (acl.dryRun)
        warn('dry-run', `tablet ${tablet.alias}: dry run lets pass what the ACL denies`, 'Set acl.dryRun to false.');
      if (!acl.enforce)
        warn(
          'acl-not-enforced',
          `tablet ${tablet.alias}: with a broken ACL file the tablet would start all the same and never read it again`,
          'Set acl.enforce to true.',
        );
      if (acl.exempt !== '')
        warn(
          'exempt',
          acl.exempt === 'gRPC'
            ? `tablet ${tablet.alias}: the exemption "gRPC" lets all traffic past the ACL`
            : `tablet ${tablet.alias}: "${acl.exempt}" (a user or a group) is exempt from every check`,
          'Leave acl.exempt empty outside migrations.',
        );
    }
  }
  return findings;
}
