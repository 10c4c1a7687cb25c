export { clientHello, helloVersions, type HelloOptions, type HelloVersion } from './client-hello';
export { sendFirst, type FirstAnswer, type FirstBytes } from './say-hello';
export { readAnswer, type HelloAnswer } from './server-answer';
