import type { FidelityRule } from './rule';
import { aclRules } from './rules/acl';
import { certRules } from './rules/certs';
import { usersRules } from './rules/users';

export * from './fidelity';
export * from './rule';

/** Every rule on which modes or versions differ; one list for each area. */
export const fidelityRules: readonly FidelityRule[] = [...aclRules, ...certRules, ...usersRules];
