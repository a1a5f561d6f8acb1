"""Folders and settings that reach where they must not, and file names made to do harm.

What stands in the files is good here; hostile files stand in the modules beside this one.
"""

import os
from pathlib import Path
from typing import Any

from tests.hostile.cases import (
    FIRST_ROW,
    GOOD,
    GOOD_ROWS,
    LAST_ROW,
    SECOND_ROW,
    Case,
    accept,
    refuse,
)

PREFIX = "name: shop\ntimezone: Asia/Shanghai\ncurrency: CNY\n"

NAMES = [
    ("name_quote", "a quote in the file's name", "orders'; drop.csv"),
    ("name_double_quote", "a double quote in the file's name", 'orders"x.csv'),
    ("name_braces", "a format string for a name", "orders{paths}{0}.csv"),
    ("name_percent", "another format string", "orders%s%n.csv"),
    ("name_dollar", "a shell's variable for a name", "orders$(id).csv"),
    ("name_chinese", "a Chinese name with spaces", "orders 订单 （1）.csv"),
    ("name_emoji", "a name of four bytes a letter", "orders😀.csv"),
    ("name_brackets", "a name that is a pattern", "orders[1]*.csv"),
    ("name_line_break", "a line break in the name", "orders\n2.csv"),
    ("name_long", "a name as long as can be", f"orders{'x' * 240}.csv"),
    ("name_no_ending", "no ending", "orders"),
    ("name_markup", "markup for a name", "orders<img src=x>.csv"),
    ("name_formula", "a formula for a name", "=orders+1.csv"),
    ("name_semicolon", "separators in the name", "orders;a&b|c.csv"),
]
PATTERNS = [
    ("pattern_parent", "a pattern that climbs", "../*.csv", "must stay inside"),
    ("pattern_climbs", "a pattern that climbs later", "a/../../*.csv", "must stay inside"),
    ("pattern_absolute", "an absolute path", "/etc/passwd", "must stay inside"),
    ("pattern_blank", "a pattern of spaces", "  ", "must stay inside"),
    ("pattern_none", "a pattern that is none", "**a", "is no pattern"),
    ("pattern_open", "an open bracket", "orders[.csv", "no file matches"),
    ("pattern_home", "a home folder is no special name", "~/*.csv", "no file matches"),
    ("pattern_drive", "a drive of another system", "C:\\orders.csv", "no file matches"),
    ("pattern_address", "an address", "https://example.org/orders.csv", "no file matches"),
    ("pattern_file_address", "an address of a file", "file:///etc/passwd", "no file matches"),
    ("pattern_long", "a pattern of 5,000 letters", "x" * 5_000, "orders"),
    ("pattern_stars", "a pattern of many stars", "*a" * 25 + "b", "no file matches"),
    ("pattern_deep", "a pattern of many folders", "*/" * 200 + "x.csv", "is no pattern"),
    ("pattern_nul", "a NUL in a pattern", "orders\0.csv", "orders"),
    ("pattern_command", "a pipe to a command", "|id", "no file matches"),
]
SETTINGS: list[tuple[str, str, str, str]] = [
    (
        "yaml_object",
        "a tag that would run a command",
        "files: !!python/object/apply:os.system [id]",
        "line 4",
    ),
    ("yaml_not_a_map", "a list", "- a", "dataset.yaml, line"),
    (
        "yaml_twice",
        "a key that stands twice",
        "name: other\nfiles: {orders: {path: x}}",
        "name stands twice",
    ),
    ("yaml_open", "an open bracket", "files: {orders: [", "this is not YAML"),
    ("yaml_deep", "a hundred thousand brackets", "files: " + "[" * 100_000, "dataset.yaml"),
    ("yaml_key", "a key that does not exist", "colour: red\nfiles: {orders: {path: x}}", "colour"),
    ("yaml_name", "a name that climbs", "files: {orders: {path: x}}", "name"),
    ("yaml_zone", "a zone that is a path", "files: {orders: {path: x}}", "is not a time zone"),
    (
        "yaml_date",
        "a date that no month has",
        "conventions: {knowledge: 2026-02-30}\nfiles: {orders: {path: x}}",
        "line 4",
    ),
    (
        "yaml_table",
        "a table that does not exist",
        "files: {orders: {path: x}, secrets: {path: x}}",
        "'secrets' is not one of",
    ),
    ("yaml_no_orders", "no orders", "files: {members: {path: x}}", "orders are required"),
    (
        "yaml_column",
        "a column that does not exist",
        "files: {orders: {path: x, columns: {order: a}}}",
        "'order' is not one of",
    ),
    (
        "yaml_profile",
        "a profile that climbs",
        "files: {orders: {path: x, profile: ../../secret}}",
        "is not one of",
    ),
    (
        "yaml_encoding",
        "an encoding nobody reads",
        "files: {orders: {path: x, encoding: rot13}}",
        "encoding",
    ),
    (
        "yaml_export_date",
        "a date without a day",
        "files: {orders: {path: x, export_date: 'x_%Y%m.csv'}}",
        "%d",
    ),
    (
        "yaml_marker",
        "a marker that climbs",
        "arrival: {marker: ../x}\nfiles: {orders: {path: x}}",
        "must stay inside",
    ),
    (
        "yaml_control",
        "a control file with an absolute path",
        "arrival: {control: /etc/*}\nfiles: {orders: {path: x}}",
        "must stay inside",
    ),
    (
        "yaml_huge_number",
        "a number beyond all bounds",
        "conventions: {return_window_days: 1e999}\nfiles: {orders: {path: x}}",
        "return_window_days",
    ),
    (
        "yaml_start",
        "a start of the day that no clock has",
        "conventions: {day_starts_at: '25:00'}\nfiles: {orders: {path: x}}",
        "day_starts_at",
    ),
]


def link_outside(folder: Path) -> None:
    secret = folder.parent / f"{folder.name}.secret"
    secret.write_text(GOOD, encoding="utf-8")
    (folder / "orders_2.csv").symlink_to(secret)


def link_folder(folder: Path) -> None:
    outside = folder.parent / f"{folder.name}.outside"
    outside.mkdir(exist_ok=True)
    (outside / "orders.csv").write_text(GOOD, encoding="utf-8")
    (folder / "linked").symlink_to(outside)


def link_in_circles(folder: Path) -> None:
    (folder / "orders_2.csv").symlink_to("orders_3.csv")
    (folder / "orders_3.csv").symlink_to("orders_2.csv")
    (folder / "again").symlink_to(".")


def link_inside(folder: Path) -> None:
    (folder / "kept").mkdir()
    (folder / "orders.csv").rename(folder / "kept" / "orders.csv")
    (folder / "orders.csv").symlink_to("kept/orders.csv")


def make_pipe(folder: Path) -> None:
    os.mkfifo(folder / "orders_2.csv")


def make_folder(folder: Path) -> None:
    (folder / "orders_2.csv").mkdir()


def remove_all(folder: Path) -> None:
    (folder / "orders.csv").unlink()


def remove_settings(folder: Path) -> None:
    (folder / "dataset.yaml").unlink()


def list_links() -> list[Case]:
    """Return folders whose entries are other than files."""
    every = {"path": "orders*.csv"}
    return [
        refuse(
            "link_outside",
            "a link to a file elsewhere",
            "points outside",
            GOOD,
            arrange=link_outside,
            source=every,
        ),
        refuse(
            "link_folder",
            "a link to a folder elsewhere",
            "points outside",
            GOOD,
            arrange=link_folder,
            source={"path": "*/orders.csv"},
        ),
        accept(
            "link_in_circles",
            "links that lead to each other",
            GOOD,
            arrange=link_in_circles,
            source=every,
        ),
        accept("link_inside", "a link to a file beside", GOOD, arrange=link_inside, source=every),
        accept("pipe", "a pipe that would never end", GOOD, arrange=make_pipe, source=every),
        accept("folder", "a folder called like a file", GOOD, arrange=make_folder, source=every),
        refuse("no_file", "no file", "no file matches", GOOD, arrange=remove_all),
        refuse("no_settings", "no dataset.yaml", "does not exist", GOOD, arrange=remove_settings),
        accept(
            "same_bytes_twice",
            "one export under two names is one file",
            GOOD,
            beside={"orders_copy.csv": GOOD.encode()},
            source=every,
        ),
        accept(
            "hidden_beside",
            "files that other programs leave behind",
            GOOD,
            beside={".orders.csv.swp": b"\0", "._orders.csv": b"\0", "orders.csv.part": b"x"},
            source=every,
        ),
    ]


def list_settings() -> list[Case]:
    """Return settings that no data set has."""
    found = []
    for name, hostility, text, refusal in SETTINGS:
        head = PREFIX
        if name == "yaml_name":
            head = PREFIX.replace("name: shop", "name: ../shop")
        if name == "yaml_zone":
            head = PREFIX.replace("Asia/Shanghai", "../../etc/localtime")
        if name == "yaml_not_a_map":
            head = ""
        found.append(
            refuse(name, hostility, refusal, GOOD, dataset_yaml=f"{head}{text}\n".encode())
        )
    orders = "files: {orders: {path: orders.csv}}\n"
    laughs = "a0: &a0 [x, x]\n" + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 12)
    )
    return [
        *found,
        refuse("yaml_empty", "an empty file", "expected keys", GOOD, dataset_yaml=b""),
        refuse(
            "yaml_not_utf8",
            "settings in GBK",
            "not UTF-8",
            GOOD,
            dataset_yaml=f"{PREFIX}# 订单\n{orders}".encode("gbk"),
        ),
        refuse(
            "yaml_nul",
            "a NUL in the settings",
            "not allowed",
            GOOD,
            dataset_yaml=f"{PREFIX}{orders}\0".encode(),
        ),
        refuse(
            "yaml_laughs",
            "references to references",
            "dataset.yaml",
            GOOD,
            dataset_yaml=f"{PREFIX}{laughs}{orders}".encode(),
        ),
        refuse(
            "yaml_tab",
            "a TAB before a key",
            "this is not YAML",
            GOOD,
            dataset_yaml=f"{PREFIX}files:\n\torders: x\n".encode(),
        ),
        accept(
            "yaml_mark", "a byte order mark", GOOD, dataset_yaml=f"\ufeff{PREFIX}{orders}".encode()
        ),
        accept(
            "yaml_crlf",
            "CRLF in the settings",
            GOOD,
            dataset_yaml=f"{PREFIX}{orders}".replace("\n", "\r\n").encode(),
        ),
    ]


def list_export_dates() -> list[Case]:
    """Return names of files that should tell a date."""
    pattern = {"path": "orders_*.csv", "export_date": "orders_%Y%m%d.csv"}
    harmful = {"path": "orders_*.csv", "export_date": "(a+)+$%Y%m%d"}
    return [
        accept(
            "export_date",
            "a name that tells the export's date",
            GOOD,
            file="orders_20260105.csv",
            source=pattern,
        ),
        refuse(
            "export_date_impossible",
            "a date that no month has",
            "export_date",
            GOOD,
            file="orders_20260230.csv",
            source=pattern,
        ),
        refuse(
            "export_date_other",
            "another form than declared",
            "export_date",
            GOOD,
            file="orders_2026-01-05.csv",
            source=pattern,
        ),
        refuse(
            "export_date_harmful",
            "an expression that would take for ever",
            "export_date",
            GOOD,
            file=f"orders_{'a' * 60}.csv",
            source=harmful,
        ),
    ]


def list_folder_cases() -> list[Case]:
    """Return all cases of names, patterns, links and settings."""
    any_order: dict[str, Any] = {"path": "*orders*"}
    names = [
        accept(name, hostility, GOOD, file=file, source=any_order)
        for name, hostility, file in NAMES
    ]
    patterns = [
        refuse(name, hostility, refusal, GOOD, source={"path": pattern})
        for name, hostility, pattern, refusal in PATTERNS
    ]
    replaced = GOOD.replace("o2", "o9")
    return [
        *names,
        *patterns,
        *list_links(),
        *list_settings(),
        *list_export_dates(),
        accept(
            "replace",
            "a full export supersedes the one before",
            replaced,
            file="orders_2.csv",
            beside={"orders_1.csv": GOOD.encode()},
            source={"path": "orders_*.csv", "mode": "replace"},
            rows=(FIRST_ROW, ("o9", *SECOND_ROW[1:]), LAST_ROW),
        ),
        accept(
            "append",
            "two exports stand beside each other",
            replaced,
            file="orders_2.csv",
            beside={"orders_1.csv": GOOD.encode()},
            source={"path": "orders_*.csv"},
            rows=(*GOOD_ROWS, FIRST_ROW, ("o9", *SECOND_ROW[1:]), LAST_ROW),
        ),
    ]
