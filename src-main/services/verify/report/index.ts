export { csvReport } from './csv';
export { htmlReport } from './html';
export { heatOf, lineWords } from './html-coverage';
export { reportDocument } from './json';
export { junitReport } from './junit';
export { matrixReport, type MatrixReport, type ReportedResult } from './matrix-report';
