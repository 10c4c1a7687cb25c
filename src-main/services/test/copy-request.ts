import type { CopiedTest, CopyForm, TestRequest } from '../../contract/areas/test';
import { ProbeRunner } from '../verify/probe-runner';
import { fidelityOf } from '../workspace/load-workspace';
import { copyAs } from './copy-as';
import { madePath } from './made-certificate';
import type { TestGround } from './run-test';
import type { SavedPasswords } from './saved-password';
import { typedTest } from './test-cell';

/**
 * A test as the page asks for it, as a command line or a program for the running cluster. Throws as a test itself does.
 * @param dir folder of the workspace's files, which the copy names
 */
export function copyRequested(
  ground: TestGround,
  passwords: SavedPasswords,
  dir: string,
  input: { readonly request: TestRequest; readonly form: CopyForm; readonly withPassword: boolean },
): CopiedTest {
  const { workspace } = ground;
  const { request } = input;
  const { cell, password } = typedTest(request, workspace, passwords);
  const gateway = workspace.topology.gateways.find(({ name }) => name === request.gateway);
  const runner = new ProbeRunner(workspace, ground.addresses, ground.secrets, ground.keyFolders);
  const address = runner.targetOf(cell);
  if (gateway === undefined || 'failure' in address)
    return { text: null, why: `Gateway ${request.gateway} does not listen there.`, notes: [] };
  const { fault } = request;
  return copyAs(input.form, {
    cell:
      fault === undefined || cell.certificate === null
        ? cell
        : { ...cell, certificate: madePath(fault, cell.certificate) },
    gateway,
    dir,
    address,
    database: workspace.topology.keyspaces[0]?.name ?? null,
    targetString: runner.targetString(),
    fidelity: fidelityOf(workspace, gateway).mode,
    password: input.withPassword ? (password ?? runner.passwordFor(cell.caller, cell.password)) : null,
  });
}
