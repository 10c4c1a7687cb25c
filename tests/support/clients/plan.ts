/** One way to log in, as the programs in `programs/` read it. */
export interface ClientWay {
  /** `mode transport method`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly socket: string | null;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The method that is expected to be used. */
  readonly method: string;
  /** Paths of files: PEM, and PKCS#12 for Java. Null: no TLS. */
  readonly tls: {
    readonly ca: string;
    readonly cert: string | null;
    readonly key: string | null;
    readonly keyStore: string | null;
    readonly trustStore: string | null;
    readonly storePassword: string;
  } | null;
}

export interface ClientChecks {
  readonly way: ClientWay;
  /** MySQL itself, over its socket and over TCP. */
  readonly direct: ClientWay;
  readonly directTcp: ClientWay;
  /** First of the ids that are this client's alone. */
  readonly base: number;
  readonly text: string;
  readonly bodies: readonly (string | null)[];
  readonly types: string;
  readonly errors: readonly string[];
  /** Bytes of a value that passes both ways. */
  readonly big: number;
  /** Bytes of a literal that makes one command need two packets. */
  readonly overPacket: number;
  /** A statement whose answer is larger than a message between gateway and tablet may be. */
  readonly tooBig: string;
  /** A statement that sleeps until it is killed; null where KILL is refused. */
  readonly cancel: string | null;
  /** A statement that is running when the connection is cut. */
  readonly cut: string;
}

export interface ClientPlan {
  readonly ways: readonly ClientWay[];
  readonly checks: ClientChecks | null;
}

/** What a client's user sees of an error. */
export interface ClientError {
  readonly errno: number;
  readonly sqlState: string | null;
  readonly message: string;
}

/** What a client said of one login or check. */
export type ClientAnswer = { readonly got: unknown } | { readonly error: ClientError } | { readonly cannot: string };

/** What the test does while a client runs. */
export interface ClientEvents {
  /** A login was answered: which method did the gateway see? */
  login(name: string, answer: ClientAnswer): void;
  sleeping(id: number): Promise<void>;
  cut(): Promise<void>;
}

export interface ClientReport {
  readonly logins: ReadonlyMap<string, ClientAnswer>;
  readonly checks: ReadonlyMap<string, ClientAnswer>;
}
