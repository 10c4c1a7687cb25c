import manifest from '../../package.json';

/** The program's version, from package.json. */
export const programVersion: string = manifest.version;
