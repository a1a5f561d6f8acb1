-- One 63-bit draw: a pure function of the seed, the purpose (stream) and a number.
-- hash(seed, stream, number) would not do: it mixes its arguments by xor, so that two streams of
-- one number would be copies of each other.
create or replace macro draw(stream, number) as (
    hash(xor(number::bigint, (hash(getvariable('seed'), stream::bigint) >> 1)::bigint)) >> 1
)::bigint;

-- 16 bits of a draw, from 0 to 65535; position 0, 16 or 32.
create or replace macro bits(drawn, position) as ((drawn >> position) & 65535);

-- True for a row whose export is an exact copy of the row before it.
create or replace macro is_copy(number) as (number > 0 and draw(1, number) % 20000 = 0);

-- One of the stores open, the older ones more often: they are the larger.
create or replace macro pick_store(drawn, store_count) as ((
    case
        when (drawn >> 48) & 1 = 0 then bits(drawn, 16)
        else least(bits(drawn, 16), bits(drawn, 32))
    end * store_count
) >> 16);

-- The store a member calls home, among the stores open when the member registered.
create or replace macro home_store(member, store_count) as
    pick_store(draw(20, member), store_count);
