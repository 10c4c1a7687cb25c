/** Who authenticated (query.VTGateCallerID): the only input to table ACLs. An empty username is a user named "". */
export interface ImmediateCaller {
  readonly username: string;
  readonly groups: readonly string[];
}

/** Who the application says it acts for (vtrpc.CallerID): free text that nobody verifies. */
export interface EffectiveCaller {
  readonly principal: string;
  readonly component: string;
  readonly subcomponent: string;
  readonly groups: readonly string[];
}
