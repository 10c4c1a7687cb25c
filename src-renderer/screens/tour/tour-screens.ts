import type { TourStepId } from '../../../src-main/contract/areas/tour';
import type { ScreenId } from '../../state/navigation.svelte';

/** The screen that each step is about. */
export const screenOf: Readonly<Record<TourStepId, ScreenId>> = {
  backend: 'overview',
  trust: 'certificates',
  callers: 'callers',
  guard: 'access',
  start: 'overview',
  prove: 'tour',
  break: 'tour',
  take: 'export',
};
