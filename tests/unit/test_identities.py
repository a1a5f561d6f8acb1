"""That tokens are HMAC-SHA256 of what identifies somebody, in Python and in SQL alike.

And that their key is kept for its user alone, and shows nowhere.
"""

import hashlib
import random
import stat
import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines.canonical import Column, LogicalType
from pipelines.errors import InputError
from pipelines.ingest.cells import CellRules, prepare, read_text, read_typed
from pipelines.ingest.identities import (
    Key,
    authenticate,
    identify,
    load_key,
    make_key,
    set_token_key,
    token_sql,
    tokenise,
)

KEY = Key(bytes(range(32)))
PHONE = "18612345678"


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of keys of this test."""
    folder = tmp_path / "keys"
    monkeypatch.setenv("REGULARS_KEYS", str(folder))
    return folder


def connect(key: Key | None = KEY) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": "1"})
    if key is not None:
        set_token_key(connection, key)
    return connection


# The key file


def test_key_is_made_once_for_its_user_alone(keys: Path) -> None:
    key = make_key("shop")
    assert len(key.secret) == 32
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert stat.S_IMODE((keys / "shop.key").stat().st_mode) == 0o600
    assert make_key("shop") == load_key("shop") == key
    assert make_key("other") != key
    assert sorted(path.name for path in keys.iterdir()) == ["other.key", "shop.key"]


def test_keys_made_at_once_are_one(keys: Path) -> None:
    found: list[Key] = []
    threads = [threading.Thread(target=lambda: found.append(make_key("shop"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [load_key("shop")] * 8
    assert [path.name for path in keys.iterdir()] == ["shop.key"]


def test_folder_of_keys_follows_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REGULARS_KEYS", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    make_key("shop")
    assert (tmp_path / ".config" / "regulars" / "keys" / "shop.key").exists()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    make_key("shop")
    assert (tmp_path / "xdg" / "regulars" / "keys" / "shop.key").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_key_that_others_can_use_is_refused(keys: Path, mode: int) -> None:
    make_key("shop")
    (keys / "shop.key").chmod(mode)
    with pytest.raises(InputError, match=r"others can use the key .* run chmod 600"):
        load_key("shop")


def test_missing_key_is_one_sentence_that_says_what_to_do(keys: Path) -> None:
    with pytest.raises(InputError, match="is not there; copy it from where"):
        load_key("shop")


@pytest.mark.parametrize("text", ["", "x", "ab" * 31, "ab" * 33, "AB" * 32, "g" * 64])
def test_file_that_is_no_key_is_refused_without_showing_it(keys: Path, text: str) -> None:
    make_key("shop")
    (keys / "shop.key").write_text(text)
    with pytest.raises(InputError, match="no key of 32 bytes") as error:
        load_key("shop")
    assert not text or len(text) < 5 or text not in str(error.value)


def test_folder_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REGULARS_KEYS", str(tmp_path / "file" / "keys"))
    with pytest.raises(InputError, match="cannot be kept there"):
        make_key("shop")


def test_key_shows_its_id_and_nothing_else() -> None:
    assert KEY.id == hashlib.sha256(KEY.secret).hexdigest()[:8]
    assert repr(KEY) == str(KEY) == "Key()"


# Tokens


@pytest.mark.parametrize(
    ("secret", "message", "digest"),
    [
        (
            "0b" * 20,
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe".hex(),
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            "aa" * 20,
            b"\xdd" * 50,
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            bytes(range(1, 26)).hex(),
            b"\xcd" * 50,
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (
            "aa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ],
)
def test_authentication_is_that_of_rfc_4231(secret: str, message: bytes, digest: str) -> None:
    assert authenticate(message, bytes.fromhex(secret)).hex() == digest


def test_token_is_the_first_half_of_the_authentication() -> None:
    assert tokenise("小明", KEY) == authenticate("小明".encode(), KEY.secret).hex()[:32]


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        *((PHONE, PHONE), (f"+86 {PHONE}", PHONE), (f"0086{PHONE}", PHONE), (f"86{PHONE}", PHONE)),
        *(("186-1234-5678", PHONE), (f"'{PHONE}", PHONE), (f"\t{PHONE}", PHONE)),
        *(("\u3000+86-186 1234 5678 ", PHONE), (f" ' {PHONE}", PHONE)),
        *((f"8{PHONE}", f"8{PHONE}"), (f"{PHONE}0", f"{PHONE}0"), ("28612345678", "28612345678")),
        *(("010-12345678", "010-12345678"), ("+1 415 555 0100", "+1 415 555 0100")),
        *(("A.B@X.com ", "a.b@x.com"), ("'a@x.co", "a@x.co"), ("É@x.com", "É@x.com")),
        *(("a@b", "a@b"), ("A@b@c.d", "A@b@c.d"), ("Jane Doe", "Jane Doe"), ("jane", "jane")),
        *(("e\u0301", "\u00e9"), ("''x", "'x"), (" 小明 ", "小明"), ("10XXX", "10XXX")),
        *(("186******05", None), ("138****1234", None), ("u***@x.com", None), ("小*", None)),
        *(("186XXXX5678", None), ("186-xxxx-5678", None), ("138＊＊＊＊1234", None)),
        *(("", None), (" \u3000", None), ("'", None), ("*", None)),
    ],
)
def test_identity_is_what_tells_somebody_apart(text: str, identity: str | None) -> None:
    assert identify(text) == identity
    token = None if identity is None else authenticate(identity.encode(), KEY.secret).hex()[:32]
    with connect() as connection:
        connection.register("cells", pa.table({"cell": [text]}))
        found = connection.execute(f"select {token_sql('cell')} from cells").fetchall()
    assert found == [(token,)]


def test_sql_makes_the_tokens_that_python_makes() -> None:
    draw = random.Random(20240501)
    parts = [
        "186",
        "1234",
        "5678",
        "+86",
        "0086",
        "86",
        "-",
        " ",
        "'",
        "*",
        "x",
        "XXXX",
        "@",
        ".com",
    ]
    parts += [
        "A",
        "b",
        "é",
        "e\u0301",
        "小明",
        "\t",
        "\u3000",
        "\u200b",
        "\n",
        "０",
        "\x00",
        "ß",
        "İ",
    ]
    values: list[str | None] = [
        "".join(draw.choices(parts, k=draw.randrange(6))) for _ in range(7_000)
    ]
    values += [f"1{draw.randrange(10**10):010}" for _ in range(2_000)]
    values += [f"U{draw.randrange(99)}@Shop{draw.randrange(99)}.CN" for _ in range(1_000)]
    values += [None, "长" * 500, "a" * 55, "a" * 56, "a" * 64, "a" * 65]
    with connect() as connection:
        connection.register("cells", pa.table({"cell": pa.array(values, pa.string())}))
        found = connection.execute(f"select {token_sql('cell')} from cells").fetchall()
    expected = [None if value is None else tokenise(value, KEY) for value in values]
    wrong = [
        (value, got, wanted)
        for value, (got,), wanted in zip(values, found, expected, strict=True)
        if got != wanted
    ]
    assert wrong == []
    assert sum(token is None for token in expected) > 500


def test_personal_columns_of_text_and_of_numbers_become_the_same_tokens() -> None:
    rules = CellRules("UTC", empty=("-",), has_apostrophes=True, is_personal=True)
    column = Column(LogicalType.ID, "A phone.")
    text = pa.table({"phone": [f'="{PHONE}"', f"'{PHONE}", "-", None, "1.8E+10", "186****5678"]})
    number = pa.table({"phone": pa.array([int(PHONE), None], pa.int64())})
    token = tokenise(PHONE, KEY)
    with connect() as connection:
        for table, reading in (
            (text, read_text("phone", column, rules)),
            (text, read_typed("phone", pa.string(), column, rules)),
            (number, read_typed("phone", pa.int64(), column, rules)),
        ):
            assert reading is not None
            assert reading.doubt is None
            assert reading.plain is None
            faults = " or ".join(condition for condition, _ in reading.faults) or "false"
            connection.register("cells", table)
            found = connection.execute(
                f"select {reading.value}, coalesce({faults}, false)"
                f" from {prepare('cells', [reading])}"
            ).fetchall()
            assert found[0] == (token, False)
            if table is text:
                assert found[1] == (token, False)
                assert found[2:4] == [(None, False)] * 2
                assert found[4][1] is True
                assert found[5] == (None, False)
            else:
                assert found[1] == (None, False)


def test_key_is_in_no_query_and_no_error() -> None:
    query = f"select {token_sql('cell')} from cells"
    assert KEY.secret.hex() not in query.lower()
    with connect() as connection:
        connection.execute("create table cells as select 1 as number")
        with pytest.raises(duckdb.Error) as error:
            connection.execute(query)
        pads = [bytes(byte ^ flip for byte in KEY.secret) for flip in (0, 0x36, 0x5C)]
        shown = str(error.value).lower()
        assert all(pad.hex() not in shown and repr(pad)[2:-1].lower() not in shown for pad in pads)


def test_query_without_a_key_fails_rather_than_makes_guests_of_all() -> None:
    with connect(None) as connection:
        connection.execute("create table cells as select 'jane' as cell")
        with pytest.raises(duckdb.Error, match="no key of tokens"):
            connection.execute(f"select {token_sql('cell')} from cells").fetchall()
