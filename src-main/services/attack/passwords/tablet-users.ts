import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttackCard, AttackResult } from '../../../domain/attacks';
import type { Tablet } from '../../../domain/topology';
import type { AttackGround } from '../ground';
import { fileSetting } from '../named-settings';
import type { AttackWorld, PlannedAttack } from '../planned';
import { attackersTls, callTablet } from '../rogue-component/direct-call';

/** Users with a card of their own; no tablet has more gateways than that. */
const MOST_USERS = 25;

/** What a tablet answers without looking at a table. */
const NOTHING = 'select 1 from dual';

/** Empty and wrong passwords of the gateways at a tablet that asks for them, shown with a gateway's own certificate. */
export function tabletPasswords({ workspace }: AttackWorld, tablet: Tablet): PlannedAttack[] {
  const { authMode, usersFile } = tablet.grpc;
  const users = usersFile === null ? undefined : workspace.grpcUsers.get(usersFile);
  if (authMode !== 'static' || usersFile === null || users === undefined) return [];
  const names = [...new Set(users.users.map(({ username }) => username))].slice(0, MOST_USERS);
  return names.flatMap((user) =>
    (['empty', 'wrong'] as const).map((kind): PlannedAttack => {
      const how = kind === 'empty' ? 'an empty password' : 'a wrong password';
      const card: AttackCard = {
        id: `passwords/${kind}/${tablet.alias}/${user}`,
        group: 'passwords',
        title: kind === 'empty' ? 'An empty password' : 'A wrong password',
        aim: `tablet ${tablet.alias}, ${user === '' ? 'the user without a name' : user}`,
        about: [
          `Somebody with a gateway’s certificate calls tablet ${tablet.alias} as "${user}" of ${usersFile} with ${how}.`,
        ],
        hop: 'C',
        scored: true,
        notHere: null,
      };
      return {
        card,
        alone: false,
        run: async (ground, signal): Promise<AttackResult> => {
          const password = kind === 'empty' ? '' : randomBytes(12).toString('hex');
          const { seen } = await callTablet(
            ground,
            tablet,
            {
              tls: tablet.grpc.tls === null ? null : attackersTls(await gatewaysPair(ground)),
              credentials: { username: user, password },
              immediate: { username: 'anybody', groups: [] },
              sql: NOTHING,
            },
            signal,
          );
          const line = workspace.grpcUsers.get(usersFile)?.users.find(({ username }) => username === user)?.line ?? 1;
          const through = seen.outcome === 'got-through';
          return {
            ...seen,
            sentence: through
              ? `Tablet ${tablet.alias} took ${how} for "${user}".`
              : `Tablet ${tablet.alias} refused ${how} for "${user}".`,
            why: through ? ['Vitess takes the empty password where the entry has none.'] : [],
            settings: [
              fileSetting(
                `${usersFile}: ${user === '' ? 'the user without a name' : user}`,
                through ? 'an entry matches' : 'no entry matches',
                { file: usersFile, line },
                through ? 'Give the entry a password.' : null,
                '--grpc-auth-static-password-file',
              ),
            ],
            trace: null,
            milliseconds: 0,
          };
        },
      };
    }),
  );
}

/** The certificate and key of the first gateway that has both; null: none has. */
async function gatewaysPair(ground: AttackGround): Promise<{ readonly cert: string; readonly key: string } | null> {
  for (const { tabletLink } of ground.workspace.topology.gateways)
    if (tabletLink?.cert != null && tabletLink.key !== null)
      return {
        cert: await readFile(join(ground.dir, tabletLink.cert), 'utf8'),
        key: await readFile(join(ground.dir, tabletLink.key), 'utf8'),
      };
  return null;
}
