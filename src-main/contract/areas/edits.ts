import { z } from 'zod';

const file = z.string().min(1).max(400);
const text = z.string().max(1_000);
const jsonValue = z.json();

/** One edit of the draft as data: what a remedy beside a finding or a difference does with one click. */
export const draftEdit = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('acl.member'),
    /** Left out: the ACL file of the first tablet that has one. */
    file: file.optional(),
    /** The table group's name. */
    group: text,
    list: z.enum(['readers', 'writers', 'admins']),
    name: text.min(1),
    /** False: takes the name out. */
    add: z.boolean(),
  }),
  z.strictObject({
    /** A table group of its own for one table that no group covers, with one member. */
    kind: z.literal('acl.group'),
    file: file.optional(),
    table: text.min(1),
    list: z.enum(['readers', 'writers', 'admins']),
    name: text.min(1),
  }),
  z.strictObject({
    kind: z.literal('topology.set'),
    /** From the top of gatehouse.json: keys, and positions in lists from 0. */
    path: z
      .array(z.union([z.string().max(200), z.number().int().min(0).max(10_000)]))
      .min(1)
      .max(12),
    value: jsonValue,
  }),
  z.strictObject({
    kind: z.literal('users.userData'),
    file,
    user: text,
    /** Position in the user's list, from 0. */
    entry: z.number().int().min(0).max(10_000),
    userData: text,
  }),
  z.strictObject({
    kind: z.literal('suite.expect'),
    /** `tests/NAME.json`. */
    file,
    caller: text,
    table: text,
    role: z.enum(['read', 'write', 'admin']),
    verdict: z.enum(['allow', 'deny']),
  }),
]);
export type DraftEditData = z.infer<typeof draftEdit>;

/** What an edit would do to access, before it is made. */
export const editImpact = z.object({
  /** Cells whose outcome changes. */
  cells: z.number(),
  /** Of these, those that get through afterwards and did not before, and the other way round. */
  gains: z.number(),
  loses: z.number(),
  /** What the changed cells become, and how many of each; what most become first. */
  becomes: z.array(
    z.object({
      mark: z.enum(['allow', 'deny', 'refuse', 'would-deny', 'not-enforced', 'unknown']),
      cells: z.number(),
    }),
  ),
});
export type EditImpact = z.infer<typeof editImpact>;
