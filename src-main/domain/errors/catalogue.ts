import { clientLibraries } from './entries/client-libraries';
import { files } from './entries/files';
import { gatewaySignIn } from './entries/gateway-sign-in';
import { gatewayStatements } from './entries/gateway-statements';
import { goTls } from './entries/go-tls';
import { mysqlServer } from './entries/mysql-server';
import { network } from './entries/network';
import { openssl } from './entries/openssl';
import { tablet } from './entries/tablet';
import type { ErrorEntry } from './entry';
import { parseTemplate, type Template } from './template';

/** Every known error text, in the order of a connection. */
export const errorCatalogue: readonly ErrorEntry[] = [
  ...clientLibraries,
  ...network,
  ...openssl,
  ...goTls,
  ...gatewaySignIn,
  ...gatewayStatements,
  ...tablet,
  ...mysqlServer,
  ...files,
];

/** The texts of all entries, ready to be looked for. */
export const templates: readonly { readonly entry: ErrorEntry; readonly template: Template }[] = errorCatalogue.flatMap(
  (entry) => entry.texts.map((text) => ({ entry, template: parseTemplate(text) })),
);
