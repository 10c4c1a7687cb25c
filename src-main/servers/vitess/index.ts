export { findVitess, releaseIn, vitessPrograms, type VitessInstallation, type VitessProgram } from './programs';
export { startProgram, type ProgramOptions, type RunningProgram } from './program-process';
export { startEtcd, type Etcd, type EtcdOptions } from './etcd';
export { topologyRecords, type TopologyPlan, type TopologyRecord, type TopologyTablet } from './topology-records';
