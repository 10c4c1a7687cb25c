export { operatingSystem } from './operating-system';
export { systems, type SystemTable } from './systems';
