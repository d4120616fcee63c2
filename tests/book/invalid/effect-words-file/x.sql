begin;
drop table x;
rollback;
