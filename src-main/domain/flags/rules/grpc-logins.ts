import { when, type FlagRule } from './rule';

/** Who may call a gRPC port, and under which name (vitess-behaviour §§1.6-1.8, 4.1). */
export const grpcLogins: FlagRule = ({ given, flag, program }) => {
  const mode = given.text('grpc-auth-mode');
  const tls = given.set('grpc-cert') && given.set('grpc-key');
  const verified = tls && given.set('grpc-ca') && !given.on('grpc-enable-optional-tls');
  const substrings = given.text('grpc-auth-mtls-allowed-substrings');
  const effective = given.on('grpc-use-effective-callerid');
  return [
    ...when(mode === 'mtls' && (substrings === '' || substrings.split(':').includes('')), () => ({
      code: 'flags.empty-substring',
      level: 'error',
      message: `${substrings === '' ? `Without ${flag('grpc-auth-mtls-allowed-substrings')}` : 'With an empty part between the colons or at the end'} every certificate passes, whatever its subject.`,
      remedy: `Name the subjects in ${flag('grpc-auth-mtls-allowed-substrings')}, without a colon at the end.`,
      at: substrings === '' ? 'grpc-auth-mode' : 'grpc-auth-mtls-allowed-substrings',
    })),
    ...when(mode === 'mtls' && !(tls && given.set('grpc-ca')), () => ({
      code: 'flags.mtls-without-ca',
      level: 'error',
      message: `The mode "mtls" asks for no certificate by itself: without ${flag('grpc-ca')} every call is refused.`,
      remedy: `Give ${flag('grpc-cert')}, ${flag('grpc-key')} and ${flag('grpc-ca')}.`,
      at: 'grpc-auth-mode',
    })),
    ...when(mode === 'static' && !given.set('grpc-auth-static-password-file'), () => ({
      code: 'flags.static-without-file',
      level: 'error',
      message: `The mode "static" without ${flag('grpc-auth-static-password-file')}: ${program} does not start.`,
      remedy: `Give ${flag('grpc-auth-static-password-file')}.`,
      at: 'grpc-auth-mode',
    })),
    ...when(mode === 'static' && (!tls || given.on('grpc-enable-optional-tls')), () => ({
      code: 'flags.grpc-passwords-in-clear',
      level: 'error',
      message: 'The passwords of the gRPC callers may cross in plain text.',
      remedy: `Give ${flag('grpc-cert')} and ${flag('grpc-key')}, without ${flag('grpc-enable-optional-tls')}.`,
      at: 'grpc-auth-mode',
    })),
    ...when(mode !== '' && mode !== 'static' && mode !== 'mtls', () => ({
      code: 'flags.value',
      level: 'error',
      message: `${flag('grpc-auth-mode')} names no mode that ${program} has; it does not start.`,
      remedy: 'Write static or mtls.',
      at: 'grpc-auth-mode',
    })),
    ...(['grpc-auth-static-password-file', 'grpc-auth-mtls-allowed-substrings'] as const).flatMap((name) => {
      const needed = name === 'grpc-auth-static-password-file' ? 'static' : 'mtls';
      return when(given.set(name) && mode !== needed, () => ({
        code: 'flags.auth-ignored',
        level: 'error',
        message: `${flag(name)} is ignored without ${flag('grpc-auth-mode')}=${needed}: ${mode === '' ? 'nobody is asked who they are' : 'the other mode decides'}.`,
        remedy: `Add ${flag('grpc-auth-mode')}=${needed}.`,
        at: name,
      }));
    }),
    ...when(effective && !verified, () => ({
      code: 'flags.claimed-callers',
      level: 'error',
      message: `${flag('grpc-use-effective-callerid')}: whoever can call may claim to be anybody${mode === 'static' ? ', in place of the name that logged in' : ''}.`,
      remedy: `Give ${flag('grpc-ca')}, so that the certificate's name counts, or leave the switch out.`,
      at: 'grpc-use-effective-callerid',
    })),
    ...when(effective && verified, () => ({
      code: 'flags.claimed-without-name',
      level: 'info',
      message: `${flag('grpc-use-effective-callerid')} has an effect only for certificates without a common name: they may claim any.`,
      remedy: 'Leave it out; certificates with a common name do not need it.',
      at: 'grpc-use-effective-callerid',
    })),
    ...when(given.on('grpc-use-effective-groups') && !effective, () => ({
      code: 'flags.groups-ignored',
      level: 'warning',
      message: `${flag('grpc-use-effective-groups')} does nothing without ${flag('grpc-use-effective-callerid')}.`,
      remedy: 'Leave it out.',
      at: 'grpc-use-effective-groups',
    })),
    ...when(given.on('grpc-use-static-authentication-callerid') && mode !== 'static', () => ({
      code: 'flags.static-name-ignored',
      level: 'warning',
      message: `${flag('grpc-use-static-authentication-callerid')} does nothing without ${flag('grpc-auth-mode')}=static: callers are unsecure_grpc_client.`,
      remedy: `Add ${flag('grpc-auth-mode')}=static with ${flag('grpc-auth-static-password-file')}, or leave it out.`,
      at: 'grpc-use-static-authentication-callerid',
    })),
  ];
};
