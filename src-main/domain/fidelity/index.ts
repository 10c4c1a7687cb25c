import type { FidelityRule } from './rule';
import { aclRules } from './rules/acl';
import { certRules } from './rules/certs';
import { gatewayRules } from './rules/gateway';
import { mysqlWireRules } from './rules/mysql-wire';
import { sqlRules } from './rules/sql';
import { usersRules } from './rules/users';

export * from './fidelity';
export * from './measured';
export * from './rule';

/** Every rule on which modes or versions differ; one list for each area. */
export const fidelityRules: readonly FidelityRule[] = [
  ...aclRules,
  ...certRules,
  ...gatewayRules,
  ...mysqlWireRules,
  ...sqlRules,
  ...usersRules,
];
