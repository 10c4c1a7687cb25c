export { openInterceptor, type Intercepted, type Interceptor, type InterceptorOptions } from './interceptor';
