import { vtCodes, type VtCode } from '../../domain/kernel';

/** An error of the query service before its text is completed: vtrpc code and message. */
export class VtError extends Error {
  constructor(
    readonly code: VtCode,
    message: string,
    /** Errors about the request's target and a missing caller carry no `(CallerID: …)`. */
    readonly plain = false,
  ) {
    super(message);
    this.name = 'VtError';
  }
}

/** An error that MySQL answered, or that the connection to it brought. */
export class BackendError extends Error {
  constructor(
    readonly errno: number,
    readonly sqlState: string,
    message: string,
    /** The connection cannot be used any more. */
    readonly fatal = false,
  ) {
    super(message);
    this.name = 'BackendError';
  }
}

/** MySQL's client errors (MySQL manual, "Client Error Message Reference"). */
export const CR_CONNECTION_ERROR = 2002;
export const CR_CONN_HOST_ERROR = 2003;
export const CR_SERVER_GONE = 2006;
export const CR_SERVER_HANDSHAKE = 2012;
export const CR_SERVER_LOST = 2013;

/**
 * vtrpc code for a MySQL error number (go/mysql/sqlerror/sql_error.go, VtRpcErrorCode; numbers from MySQL's
 * server error reference). Numbers that are not here are UNKNOWN.
 */
const numbersByCode: { readonly [code in VtCode]?: readonly number[] } = {
  UNIMPLEMENTED: [1235],
  RESOURCE_EXHAUSTED: [1021, 1037, 1038, 1040, 1041, 1114, 1129, 1135, 1151, 1153, 1203, 1206, 1226],
  DEADLINE_EXCEEDED: [1205],
  UNAVAILABLE: [CR_SERVER_GONE, CR_CONNECTION_ERROR, CR_CONN_HOST_ERROR, 1053, 3168],
  NOT_FOUND: [1029, 1032, 1054, 1094, 1109, 1122, 1141, 1146, 1147, 1176],
  PERMISSION_DENIED: [1044, 1045, 1095, 1211, 1227],
  FAILED_PRECONDITION: [
    1046, 1082, 1091, 1099, 1100, 1104, 1148, 1162, 1165, 1169, 1173, 1179, 1207, 1215, 1216, 1217, 1223, 1230, 1241,
    1242, 1264, 1288, 1289, 1291, 1451, 1452, 1817,
  ],
  ALREADY_EXISTS: [1050, 1062, 1086, 1125],
  ABORTED: [1078, 1080, 1152, 1213],
  CANCELED: [CR_SERVER_LOST],
  INVALID_ARGUMENT: [
    1047, 1048, 1049, 1051, 1052, 1055, 1056, 1057, 1058, 1059, 1060, 1061, 1063, 1064, 1065, 1066, 1067, 1068, 1069,
    1070, 1071, 1072, 1073, 1074, 1075, 1083, 1084, 1085, 1089, 1090, 1093, 1096, 1097, 1101, 1102, 1103, 1106, 1107,
    1108, 1110, 1111, 1113, 1115, 1116, 1117, 1118, 1120, 1121, 1128, 1136, 1138, 1139, 1140, 1144, 1149, 1166, 1167,
    1170, 1171, 1172, 1193, 1204, 1210, 1221, 1222, 1225, 1228, 1229, 1231, 1232, 1233, 1234, 1238, 1239, 1240, 1245,
    1247, 1248, 1250, 1253, 1267, 1270, 1271, 1272, 1273, 1280, 1281, 1283, 1292, 1293, 1294, 1298, 1300, 1366, 1367,
    1406, 1525, 1582, 1690,
  ],
};

const codes = new Map<number, VtCode>();
for (const [code, numbers] of Object.entries(numbersByCode))
  for (const number of numbers) codes.set(number, code as VtCode);

/** The vtrpc code under which vttablet reports a MySQL error. */
export function codeOfMysqlError(errno: number, message: string): VtCode {
  // A server that is read-only while a failover goes on (Vitess: CLUSTER_EVENT); recorded for direct calls as 17.
  if (errno === 1290) return message.includes('read-only') ? 'CLUSTER_EVENT' : 'UNKNOWN';
  return codes.get(errno) ?? 'UNKNOWN';
}

/** The number a code has on the wire. */
export const codeNumber = (code: VtCode): number => vtCodes[code];
