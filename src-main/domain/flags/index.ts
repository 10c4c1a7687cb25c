export { flagMeant, knownFlags, readName, spellingIn, type KnownFlag } from './catalogue';
export * from './check-flags';
export { vitessMajors, vitessPrograms, type VitessMajor, type VitessProgram } from './flag-versions';
export { stops, type FlagStatus, type FlagVerdict } from './judge-name';
export { GivenFlags } from './given-flags';
export * from './mysql-start';
export type { WrittenFlag } from './read-commands';
