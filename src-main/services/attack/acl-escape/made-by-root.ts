import { leak, say, type Escape } from './escape';

const byDesign = 'mysql-administrator' as const;
const unchecked = 'unchecked-in-vitess' as const;
const rows = 'rows' as const;

/** Objects that only an administrator of MySQL can make, each of which reads the forbidden table with rights of its own. */
export const madeByRoot: readonly Escape[] = [
  {
    ...{ kind: 'view', title: 'A view without a table group', wanted: rows },
    about: 'An administrator of MySQL has made a view on the table, under a name that no table group covers.',
    turns: ({ f }) => say(`select max(${f}) from zz_lab_view`),
    made: {
      before: ({ F, f }) => [`create or replace view zz_lab_view as select ${f} from ${F}`],
      after: () => ['drop view if exists zz_lab_view'],
    },
  },
  {
    ...{ kind: 'view-allowed', title: 'A view in a group that is allowed', wanted: rows, byDesign, needsFree: true },
    about: 'An administrator of MySQL has made a view on the table, under a name in the caller’s own table group.',
    turns: ({ free, f }) => say(`select max(${f}) from ${free}`),
    made: {
      before: ({ F, f, free }) => [`create or replace view ${free} as select ${f} from ${F}`],
      after: ({ free }) => [`drop view if exists ${free}`],
    },
  },
  {
    ...{ kind: 'function', title: 'A stored function', wanted: rows, byDesign: unchecked },
    about: 'An administrator of MySQL has made a function that reads the table; it is called without any table.',
    turns: () => say('select lab_peek()'),
    made: {
      before: ({ F, f }) => [
        'drop function if exists lab_peek',
        `create function lab_peek() returns varchar(100) reads sql data sql security definer return (select max(${f}) from ${F})`,
      ],
      after: () => ['drop function if exists lab_peek'],
    },
  },
  {
    ...{
      kind: 'function-allowed',
      title: 'A stored function beside the allowed table',
      wanted: rows,
      byDesign: unchecked,
    },
    about: 'The same in a statement that reads the allowed table.',
    turns: ({ A, a, database }) => say(`select ${a}, \`${database}\`.lab_look() from ${A} limit 1`),
    made: {
      before: ({ F, f }) => [
        'drop function if exists lab_look',
        `create function lab_look() returns varchar(100) reads sql data sql security definer return (select max(${f}) from ${F})`,
      ],
      after: () => ['drop function if exists lab_look'],
    },
  },
  {
    ...{ kind: 'procedure', title: 'CALL of a procedure', wanted: rows },
    about:
      'An administrator of MySQL has made a procedure that reads the table; CALL names no table at all, and MySQL’s error carries the value out.',
    turns: () => say('call lab_tell()'),
    made: {
      before: ({ read }) => [
        'drop procedure if exists lab_tell',
        `create procedure lab_tell() sql security definer do ${leak(read)}`,
      ],
      after: () => ['drop procedure if exists lab_tell'],
    },
  },
  {
    ...{ kind: 'trigger', title: 'A trigger on the allowed table', wanted: rows, byDesign },
    about:
      'An administrator of MySQL has made a trigger that copies out of the forbidden table when the allowed one is changed.',
    turns: ({ A, text }) => say(`update ${A} set ${text} = ${text} limit 1`, `select max(${text}) from ${A}`),
    made: {
      before: ({ A, F, f, text }) => [
        'drop trigger if exists lab_trigger',
        `create trigger lab_trigger before update on ${A} for each row set new.${text} = (select max(${f}) from ${F})`,
      ],
      after: () => ['drop trigger if exists lab_trigger'],
    },
  },
  {
    ...{ kind: 'call-argument', title: 'A subquery as CALL’s argument', wanted: rows },
    about:
      'An administrator of MySQL has made a procedure that does nothing; the table is read in the argument of CALL.',
    turns: ({ read }) => say(`call lab_take(${leak(read)})`),
    made: {
      before: () => ['drop procedure if exists lab_take', 'create procedure lab_take(v varchar(100)) begin end'],
      after: () => ['drop procedure if exists lab_take'],
    },
  },
];
