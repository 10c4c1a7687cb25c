/**
 * Statements that try to read or change `secret` without its being noticed. In hardened mode each must name it, or not be
 * determined, or be refused. A `*` before the text: it must be named, no way around it. `⏎` is a line feed.
 */
export const hostileStatements: readonly { readonly sql: string; readonly mustBeNamed: boolean }[] = String.raw`
*select * from secret
*select*from secret
*select * from⏎secret
*SELECT * FROM SECRET.secret
*select * from ${'`'}secret${'`'}
*select * from x.secret
*select * from x . secret
*select * from ${'`'}x${'`'}.${'`'}secret${'`'}
*select * from/**/secret
*select * from /* a */ secret -- b
*select * from # c⏎ secret
*select * from -- d⏎secret
*select * from a,secret
*select * from a join secret
*select * from a join b join secret on 1 = 1 on 1 = 1
*select * from a left join (b join secret on 1=1) on 1=1
*select * from a join (b join secret)
*select * from a join (b, secret)
*select * from (secret)
*select * from ((secret))
*select * from (a, (b, (secret)))
*select * from a cross join secret
*select * from a natural join secret
*select * from a natural left join secret
*select * from a natural right outer join secret
*select * from a straight_join secret
*select * from a inner join secret using (id)
*select * from a right join secret on true
*select * from (select * from secret) t
*select * from (select * from secret) as t (a, b)
*select * from ((select * from secret)) t
*select * from ((select 1) union (select id from secret)) t
*select * from ((select * from secret) t)
*select * from ((select * from a) t join secret)
*select * from (a join ((select 1) u), secret)
*select * from a, lateral (select * from secret where secret.id = a.id) t
*select * from a left join lateral (select * from secret) t on true
*select * from (values row((select max(id) from secret))) v
*select * from json_table((select j from secret), '$[*]' columns (x int path '$')) t
*select * from a, json_table(a.j, '$[*]' columns (x int path '$')) t, secret
*select * from a use index (x), secret
*select * from a force index for join (secret), secret
*select * from a ignore index (primary) join secret
*select * from a partition (p0), secret
*select * from a partition (p0, secret) join secret
*select * from a as b, secret as a
*select * from a secret, secret b
*select 1 from dual, secret
*select 1 where exists (select 1 from secret)
*select (select id from secret)
*select ((select id from secret))
*select (((select id from secret)) + 1)
*select ((select 1) + (select id from secret))
*select ((select 1), (select id from secret))
*select -(select id from secret)
*select not (select id from secret)
*select !(select id from secret)
*select binary (select id from secret)
*select (select id from secret) collate utf8mb4_bin
*select @x := (select id from secret)
*select @x := @y := (select id from secret)
*select if(1, (select id from secret), 2)
*select if((select id from secret), 1, 2)
*select case (select id from secret) when 1 then 2 end
*select case when 1 then (select id from secret) end
*select case when (select id from secret) then 1 else 2 end
*select case 1 when 2 then 3 else (select id from secret) end
*select cast((select id from secret) as char)
*select convert((select id from secret), signed)
*select convert((select n from secret) using utf8mb4)
*select extract(year from (select d from secret))
*select trim((select n from secret))
*select trim(both (select n from secret) from 'x')
*select trim('x' from (select n from secret))
*select substring((select n from secret) from 1 for 2)
*select substring('x' from (select id from secret))
*select position((select n from secret) in 'x')
*select char((select id from secret) using utf8mb4)
*select group_concat((select n from secret) order by 1 separator ',')
*select group_concat(1 order by (select n from secret)) from a
*select count(distinct (select n from secret)) from a
*select json_value((select j from secret), '$.a' returning signed)
*select weight_string((select n from secret) as char(3))
*select timestampadd(day, (select id from secret), now())
*select now() + interval (select id from secret) day
*select date_add(now(), interval (select id from secret) hour)
*select interval (select id from secret) day + now()
*select match (a.x) against ((select n from secret)) from a
*select a.x -> '$.y' from a where (select 1 from secret)
*select row((select id from secret), 1) = row(1, 1)
*select (1, 2) in (select id, id from secret)
*select 1 in (1, (select id from secret))
*select 1 in ((select id from secret))
*select 1 = any (select id from secret)
*select 1 > all (select id from secret)
*select 1 <> some (select id from secret)
*select 1 between (select id from secret) and 2
*select 1 not between 0 and (select id from secret)
*select 'a' like (select n from secret) escape '!'
*select 'a' not like 'b' escape (select n from secret)
*select 'a' regexp (select n from secret)
*select 'a' rlike (select n from secret)
*select 1 member of ((select j from secret))
*select 'a' sounds like (select n from secret)
*select 1 is not null and (select id from secret)
*select 1 xor (select id from secret)
*select 1 || (select id from secret)
*select 1 div (select id from secret)
*select 1 <=> (select id from secret)
*select 1 << (select id from secret)
*select exists (select * from secret)
*select exists ((select * from secret))
*select rank() over (order by (select id from secret)) from a
*select sum(1) over (partition by (select id from secret) rows between unbounded preceding and current row) from a
*select sum(1) over w from a window w as (order by (select id from secret))
*select lag(1, 1, (select id from secret)) over (order by 1) from a
*select 1 from a group by (select id from secret)
*select 1 from a group by 1 with rollup having (select id from secret)
*select 1 from a order by (select id from secret) desc
*select 1 from a limit (select id from secret)
*select 1 from a join b on (select id from secret)
*select 1 from a where x = 1 union select 1 from secret
*select 1 union all (select 1 from secret)
*(select 1) union (select 1 from secret) order by 1
*(select 1 from a limit 1) union all select id from secret limit 1
*((select 1 from secret))
*(select 1 from a) order by (select 1 from secret)
*select 1 union select 2 union (select 3 union select id from secret)
*select 1 from a union select 1 from a order by (select 1 from secret)
select 1 from a for update union select 1 from secret
*with c as (select * from secret) select * from c
*with c (x) as (select id from secret) select x from c
*with recursive c as (select id from secret union all select id + 1 from c) select * from c
*with secret as (select * from secret) select * from secret
*with c as (select * from secret), secret as (select 1) select * from c
*with secret as (select 1) select * from x.secret
*with secret as (select 1) select * from (with c as (select 1) select * from x.secret) t
*with c as (select 1) select * from secret, c where exists (with secret as (select 1) select 1 from c)
*with c as (with secret as (select 1) select * from secret) select * from c, secret
*select * from secret, (with secret as (select 1) select * from secret) t
*select * from (with secret as (select 1) select * from secret) t join secret
*with secret as (select 1), c as (select 2) select * from c union (with d as (select 1) select * from d, secret)
*with Secret as (select 1) select * from secret
*select * from a where id in (with c as (select id from secret) select * from c)
*insert into secret values (1)
*insert secret values (1)
*insert ignore secret values (1)
*insert into secret () values ()
*insert into secret set a = 1
*insert into x.secret (a) values (1)
*insert into secret(a)values(1)
*insert into a select * from secret
*insert into a (b) select 1 from secret
*insert into a (select * from secret)
*insert into a ((select * from secret))
*insert into a (b) (select * from secret)
*insert into a with c as (select * from secret) select * from c
*insert into a values ((select id from secret))
*insert into a values (1), (2), ((select id from secret) + 1)
*insert into a values row((select id from secret))
*insert into a values (1) as n on duplicate key update b = (select id from secret)
*insert into a set b = (select id from secret)
*insert into a select 1 on duplicate key update b = (select id from secret)
*replace secret values (1)
*replace into a select * from secret
*update secret set a = 1
*update ignore secret set a = 1
*update secret s set s.a = 1
*update a, secret set a.x = 1
*update a join secret on 1=1 set a.x = secret.y
*update (secret) set a = 1
*update a set x = (select id from secret)
*update a set x = 1 where y in (select id from secret)
*update a set x = 1 order by (select id from secret) limit 1
*update a, (select * from secret) t set a.x = 1
*with c as (select 1) update secret set x = 1
*delete from secret
*delete ignore from secret
*delete secret from secret
*delete secret.* from secret
*delete s from secret s
*delete quick from secret
*delete from secret using secret
*delete a from a join secret
*delete from a using a, secret
*delete from a where x = (select id from secret)
*delete from secret as s where s.a = 1
*delete from secret partition (p0)
*with c as (select * from secret) delete from a where x in (select * from c)
*create table secret (id int)
*create table if not exists secret (id int)
*create temporary table secret (id int)
*create table t like secret
*create table t (like secret)
*create table t as select * from secret
*create table t select * from secret
*create table t (x int) ignore select * from secret
*create table t (x int) engine innodb as select * from secret
*create table t (x int) partition by hash (x) partitions 2 as select * from secret
*create table t (x int references secret (id))
*create table t (x int, constraint foreign key (x) references secret (id))
create table t (select * from secret)
create table t as table secret
create table t as values row((select id from secret))
create table t (x int) union = (secret)
create table t (x int) engine = merge, union (secret, a)
create table t (x int default (select 1 from secret))
create table t (x int) as select 1 except select * from secret
create table t (x int check (x in (select id from secret)))
*create view v as select * from secret
*create or replace view v as select * from secret
*create algorithm = merge sql security invoker view v as (select * from secret)
*create definer = ${"'a'@'b'"} view v as select * from secret
*alter view v as select * from secret
*create index i on secret (id)
*create unique index i using btree on secret (id)
*drop index i on secret
*alter table secret add x int
*alter table a rename secret
*alter table a rename to secret
*alter table a add x int, rename as secret
*alter table secret rename to a
*alter table a exchange partition p with table secret
*alter table a add constraint c foreign key (x) references secret (id)
alter table a union = (secret)
alter table a add x int, union (secret)
*rename table secret to a
*rename table a to secret
*rename table a to b, secret to a
*drop table secret
*drop table if exists a, secret
*drop temporary table secret
*drop view secret
*truncate secret
*truncate table secret
*flush tables secret
*flush tables a, secret for export
*analyze table secret
*explain select * from secret
*explain format=json select * from secret
*explain analyze select * from secret
*explain secret
*desc secret
*describe x.secret
*explain update secret set a = 1
*explain insert into a select * from secret
*explain with c as (select * from secret) select * from c
*show columns from secret
*show full columns in secret
*show index from secret
*show create table secret
*show columns from a where (select 1 from secret)
*show tables where (select 1 from secret)
*show variables where exists (select 1 from secret)
*set @x = (select id from secret)
*set @@session.x = 1, @y = (select id from secret)
*set sql_mode = (select n from secret)
do (select id from secret)
call p_secret()
call p((select id from secret))
load data infile 'x' into table secret
load data local infile 'x' replace into table secret set a = 1
optimize table secret
repair table secret
handler secret open
handler secret read first
table secret
table secret order by 1 limit 1
select * from (table secret) t
select 1 union table secret
select 1 in (table secret)
insert into a table secret
with c as (table secret) select * from c
values row((select id from secret))
check table secret
checksum table secret
cache index secret in c
load index into cache secret
lock tables secret write
prepare p from 'select * from secret'
execute p
execute immediate 'select * from secret'
create procedure p() select * from secret
create procedure p() begin declare c cursor for select * from secret; end
create function f() returns int return (select 1 from secret)
create trigger t before insert on secret for each row set @x = 1
create event e on schedule every 1 day do delete from secret
begin not atomic select * from secret; end
set statement max_statement_time=1 for select * from secret
analyze select * from secret
analyze format=json select * from secret
with recursive a as (select 1), select * from secret
select f_secret()
select x.f_secret(1)
select ${'`'}f_secret${'`'}(1)
select count (1)
select trim ('a')
select substring ('a', 1)
select ${'`'}max${'`'}(1)
select nextval(secret)
select next value for secret
select previous value for secret
select lastval(secret)
select setval(secret, 1)
select * from secret for system_time all
select * from a for system_time as of (select d from secret)
select load_file('secret')
select * from a into outfile 'secret'
select * from a procedure analyse((select id from secret))
select 1 from a /*! union select 1 from secret */
select 1 from a /*!50000 union select 1 from secret */
select 1 from a /*!99999 union select 1 from secret */
select 1 from a /*!100100 union select 1 from secret */
select 1 from a /*M! union select 1 from secret */
select 1 from a /*M!100100 union select 1 from secret */
select 1 /*! from secret */
/*!50000 select * from secret */
/*!99999 select 1; */ select * from secret
/*! with secret as (select 1) */ select * from secret
/*!99999 with secret as (select 1) */ select * from secret
select /*+ qb_name(${'`'}*/ x from a -- ${'`'}) */ * from secret
select /*+ set_var(sql_mode=ansi_quotes) */ * from a, "secret"
select .1from secret
select 1.from secret
select 1e1from secret
*select 1e1 from secret
*select .1 from secret
*select 0x1 from secret
*select x'41' from secret
*select n'a' from secret
*select _utf8mb4'a' from secret
*select 'a''b' from secret
*select 'a\'b' from secret
*select 'a\\' from secret
*select "a" from secret
*select "a\" from a" from secret
*select '/*' from secret -- */
*select '-- ' from secret
*select 1 -- ' from a⏎ from secret
*select 1--1 from secret
*select 1 from a /* ' */ join secret /* ' */
*select ${'`'}a${'``'}b${'`'} from secret
*select 1 as 'x from a' from secret
*select 1 'from' from secret
*select @a from secret
*select @a.b from secret
*select @${'`'}a${'`'} from secret
*select @'a from b' from secret
select @a' from x' from secret
select @a' from secret union select '
*select @@a from secret
*select @@global.a from secret
*select :v from secret
*select ? from secret
*select 1 from a where b in ::l union select 1 from secret
select 1; select * from secret
select 1 from a; drop table secret
*select * from secret;
*select all high_priority sql_no_cache * from secret
*select distinct straight_join sql_calc_found_rows * from secret
*select 1 from ${'`'}a${'`'},${'`'}secret${'`'}
select * from "secret"
select * from [secret]
select * from 'secret'
select * from {oj a left join secret on 1=1}
select * from a as of timestamp now(), secret
select * from a except select * from secret
select * from a intersect select * from secret
select * from a minus select * from secret
(select 1) except (select id from secret)
select * from a except join secret
select * from ｓecret
select * from secret
select* from${'\u00a0'}secret
select${'\v'}* from secret
select * from secret${'\u0000'}
update low_priority secret set a = 1
update low_priority ignore secret set a = 1
insert low_priority secret values (1)
insert delayed secret values (1)
insert high_priority into secret values (1)
replace delayed secret values (1)
delete low_priority from secret
delete history from secret before system_time now()
grant select on secret to u
revoke all on secret from u
drop tables secret
rename tables secret to a
truncate secret wait 1
create or replace table secret (id int)
create sequence secret
help 'secret'
import table from 'secret'
xa start 'secret'
backup lock secret
signal sqlstate 'secret'
get diagnostics @x = number
purge binary logs to 'secret'
select * from mysql.secret
`
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => line.replaceAll('⏎', '\n'))
  .map((line) => ({ sql: line.replace(/^\*/, ''), mustBeNamed: line.startsWith('*') }));
