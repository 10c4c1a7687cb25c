/** The places of the sidebar, in the order of the work, and those that are reached from elsewhere. */
export const screenIds = [
  'overview',
  'certificates',
  'callers',
  'access',
  'test',
  'export',
  'watch',
  'tour',
  'history',
  'settings',
] as const;
export type ScreenId = (typeof screenIds)[number];

/** What a screen is told when it is entered: which thing to select, which tab to show. */
export type ScreenParameters = Readonly<Record<string, string>>;

interface Place {
  readonly screen: ScreenId;
  readonly parameters: ScreenParameters;
}

const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' && value !== null && screenIds.includes((value as Place).screen);

/** Where the page is; the window's own history goes back and forward. */
export class Navigation {
  screen = $state<ScreenId>('overview');
  parameters = $state.raw<ScreenParameters>({});
  /** Grows with every `go`, so that a screen hears of being entered again with the same parameters. */
  entered = $state(0);

  constructor() {
    if (typeof history === 'undefined') return;
    if (isPlace(history.state)) this.#show(history.state);
    window.addEventListener('popstate', ({ state }) => {
      if (isPlace(state)) this.#show(state);
    });
  }

  /** Shows a screen; the one before can be returned to with Back. */
  go(screen: ScreenId, parameters: ScreenParameters = {}): void {
    const place: Place = { screen, parameters };
    const same = screen === this.screen && JSON.stringify(parameters) === JSON.stringify(this.parameters);
    if (same || history.state === null) history.replaceState(place, '');
    else history.pushState(place, '');
    this.#show(place);
  }

  /** Changes what is selected without a step in the history. */
  note(parameters: ScreenParameters): void {
    this.parameters = parameters;
    history.replaceState({ screen: this.screen, parameters } satisfies Place, '');
  }

  #show({ screen, parameters }: Place): void {
    this.screen = screen;
    this.parameters = parameters;
    this.entered += 1;
  }
}
