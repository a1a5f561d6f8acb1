"""Files of delimited text whose bytes, header, quotes or rows are hostile, not a single cell.

Each is built here in a line or two; which cells are hostile stands in `cell_cases`.
"""

import datetime
from decimal import Decimal

from tests.hostile.cases import (
    COLUMNS,
    FIRST,
    FIRST_ROW,
    GOOD,
    GOOD_ROWS,
    HEAD,
    LAST,
    LAST_ROW,
    SECOND,
    SECOND_ROW,
    Case,
    accept,
    leave_out,
    refuse,
)

CHINESE = f"{HEAD}\n{FIRST}\no2,2026-01-03 11:00:00,20.00,会员乙,已付款\n{LAST}\n"
CHINESE_ROWS = (FIRST_ROW, (*SECOND_ROW[:3], "会员乙", "已付款"), LAST_ROW)
RARE = CHINESE.replace("会员乙", "𠮷㐀😀")
RARE_ROWS = (FIRST_ROW, (*SECOND_ROW[:3], "𠮷㐀😀", "已付款"), LAST_ROW)
MARK = "\ufeff"
BROKEN = '"m\n\n\n1"'


def list_encodings() -> list[Case]:
    """Return files in every encoding, and in none."""
    utf8 = CHINESE.encode()
    place = utf8.index("会员乙".encode())
    head, tail = CHINESE.split("o2", 1)
    more = "".join(f"p{number},2026-01-03 11:00:00,20.00,会员,已付款\n" for number in range(5))
    return [
        accept("utf8", "Chinese in UTF-8", utf8, rows=CHINESE_ROWS),
        accept("utf8_mark", "a byte order mark", f"{MARK}{CHINESE}", rows=CHINESE_ROWS),
        accept(
            "utf8_mark_quoted",
            "a mark before a quoted header",
            MARK + GOOD.replace("order_id", '"order_id"'),
        ),
        accept("gbk", "Chinese in GBK", CHINESE.encode("gbk"), rows=CHINESE_ROWS),
        accept("gb18030_rare", "four-byte characters", RARE.encode("gb18030"), rows=RARE_ROWS),
        accept(
            "gb18030_mark", "a mark in GB18030", (MARK + RARE).encode("gb18030"), rows=RARE_ROWS
        ),
        accept(
            "utf16_le",
            "UTF-16, little end first",
            (MARK + RARE).encode("utf-16-le"),
            rows=RARE_ROWS,
        ),
        accept(
            "utf16_be", "UTF-16, big end first", (MARK + RARE).encode("utf-16-be"), rows=RARE_ROWS
        ),
        accept(
            "utf16_tabs",
            "UTF-16 with TABs, a spreadsheet's Unicode text",
            (MARK + RARE.replace(",", "\t")).encode("utf-16-le"),
            rows=RARE_ROWS,
            file="orders.txt",
        ),
        accept(
            "utf16_crlf",
            "UTF-16 with CRLF",
            (MARK + RARE.replace("\n", "\r\n")).encode("utf-16-le"),
            rows=RARE_ROWS,
        ),
        refuse(
            "utf16_odd",
            "UTF-16 cut in the middle of a character",
            "line",
            (MARK + RARE).encode("utf-16-le")[:-1],
        ),
        refuse("utf32", "UTF-32, which nobody writes", "orders.csv", RARE.encode("utf-32")),
        refuse(
            "latin1",
            "another script's single bytes",
            "line 3",
            GOOD.replace("m2", "é").encode("latin-1"),
        ),
        refuse(
            "utf8_damaged",
            "one byte is damaged",
            "line 3",
            utf8[:place] + b"\xff" + utf8[place + 1 :],
        ),
        refuse("utf8_cut", "cut in the middle of a character", "line 3", utf8[: place + 4]),
        refuse(
            "utf8_then_gbk",
            "two exports in two encodings, one behind the other",
            "line 8",
            f"{head}{more}".encode() + f"o2{tail}".encode("gbk"),
        ),
        refuse(
            "declared_utf8",
            "not in the declared encoding",
            "line 3",
            CHINESE.encode("gbk"),
            source={"encoding": "utf-8"},
        ),
        refuse(
            "nul_bytes", "NUL bytes, as after a crash", "line 3", GOOD.replace("m2", "m\0").encode()
        ),
        refuse(
            "nul_tail",
            "a block of NUL bytes behind, as after a power loss",
            "orders.csv",
            GOOD.encode() + b"\0" * 4096,
        ),
    ]


def list_line_ends() -> list[Case]:
    """Return files with every end of line."""
    final = GOOD.rstrip("\n")
    return [
        accept("lf", "LF", GOOD),
        accept("crlf", "CRLF", GOOD.replace("\n", "\r\n")),
        accept("cr", "CR only", GOOD.replace("\n", "\r")),
        accept(
            "cr_gbk",
            "CR only, in GBK",
            CHINESE.replace("\n", "\r").encode("gbk"),
            rows=CHINESE_ROWS,
        ),
        accept("mixed_ends", "CRLF and LF", GOOD.replace("\n", "\r\n", 2)),
        accept("crcrlf", "line ends translated twice", GOOD.replace("\n", "\r\r\n")),
        accept("no_final_end", "the last line has no end", final),
        accept(
            "blank_lines", "blank lines between and behind", GOOD.replace("\n", "\n\n") + "\n\n\n"
        ),
        leave_out(
            "dos_end",
            "DOS's end of file",
            f"{HEAD}\n{FIRST}\n{LAST}\n\x1a",
            [(4, "", "wrong_column_count")],
        ),
        leave_out(
            "blank_with_spaces",
            "a line of spaces",
            f"{HEAD}\n{FIRST}\n   \n{LAST}\n",
            [(3, "", "wrong_column_count")],
        ),
    ]


def list_headers() -> list[Case]:
    """Return files whose header is a trap."""
    last_empty = "".join(f"{line},\n" for line in GOOD.splitlines())
    twice = "".join(f"{line},x,y\n" for line in GOOD.splitlines()).replace(",x,y", ",note,note", 1)
    wide_head = ",".join(f"c{number}" for number in range(1_000))
    wide = f"{HEAD},{wide_head}\n" + "".join(f"{line}{',' * 1_000}\n" for line in (FIRST, LAST))
    odd = '"; drop table x; --'
    columns = {"order_id": odd, **{name: name for name in COLUMNS[1:]}}
    chinese = {"order_id": "订单编号", "paid_at": "订单付款时间", "paid_amount": "总金额"}
    return [
        accept("empty_last_column", "every line ends in a comma", last_empty),
        leave_out(
            "comma_in_header_only",
            "only the header ends in a comma",
            GOOD.replace("status", "status,", 1),
            [
                (2, "", "wrong_column_count"),
                (3, "", "wrong_column_count"),
                (4, "", "wrong_column_count"),
            ],
            rows=(),
        ),
        accept("unread_twice", "two columns of one name that nobody reads", twice),
        refuse(
            "read_twice",
            "two columns of one name, one of which is read",
            "2 columns are called 'paid_amount'",
            GOOD.replace("status", "paid_amount", 1),
        ),
        refuse(
            "twice_by_spaces",
            "two names that differ in spaces only",
            "2 columns are called 'paid_amount'",
            GOOD.replace("status", "paid_amount ", 1),
        ),
        accept(
            "header_spaces",
            "names that end in spaces",
            GOOD.replace("paid_at,", "paid_at ,", 1).replace("status", "\u3000status\u00a0", 1),
        ),
        accept(
            "header_quoted",
            "every name in quotes",
            GOOD.replace(HEAD, ",".join(f'"{name}"' for name in COLUMNS)),
        ),
        accept(
            "header_line_break",
            "a name with a line break that nobody reads",
            "".join(
                f"{line},{end}\n"
                for line, end in zip(
                    GOOD.splitlines(), ('"备注\n说明"', "a", "b", "c"), strict=True
                )
            ),
        ),
        refuse(
            "header_case",
            "names in other case",
            "there is no column for order_id",
            GOOD.replace("order_id", "Order_ID", 1),
        ),
        refuse(
            "missing_column",
            "a required column is missing",
            "there is no column for paid_amount",
            GOOD.replace("paid_amount", "sum", 1),
        ),
        refuse(
            "missing_time",
            "no time at all",
            "there is no column for paid_at or created_at",
            GOOD.replace("paid_at", "when", 1),
        ),
        refuse(
            "missing_mapped",
            "a mapped column is missing",
            "there is no column '订单编号' for order_id",
            GOOD,
            source={"columns": chinese},
        ),
        refuse(
            "no_header",
            "the rows begin at once",
            "there is no column for order_id",
            GOOD.split("\n", 1)[1],
        ),
        refuse(
            "title_above",
            "a title above the header",
            "there is no column for order_id",
            f"店铺订单导出\n{GOOD}",
        ),
        refuse(
            "blank_first_line", "a blank line above the header", "there is no header", f"\n{GOOD}"
        ),
        refuse("commas_for_header", "a header of commas", "there is no header", f",,,,\n{FIRST}\n"),
        accept("header_only", "no rows", f"{HEAD}\n", rows=()),
        accept("header_without_end", "no rows and no end of line", HEAD, rows=()),
        refuse(
            "person_for_header",
            "the rows begin at once, and nothing of them may be told",
            "the first row looks like data",
            "张三,13800138000,2026-01-02 10:00:00,10.00\n",
        ),
        refuse(
            "line_break_in_name",
            "a name with a line break among the names that are told",
            "the columns are a b, c",
            '"a\nb",c\n1,2\n',
        ),
        accept("empty", "no bytes: no rows, and a matter for the gate", b"", rows=()),
        refuse("mark_only", "a mark and nothing else", "there is no header", MARK),
        refuse("blank", "only line ends", "there is no header", "\r\n\r\n"),
        accept("wide", "a thousand columns more", wide, rows=(FIRST_ROW, LAST_ROW)),
        accept(
            "own_names",
            "columns called as the reader calls its own",
            "".join(
                f"{line},{end}\n"
                for line, end in zip(
                    GOOD.splitlines(),
                    ("row_ordinal,0,line", "a,b,c", "d,e,f", "g,h,i"),
                    strict=True,
                )
            ),
        ),
        accept(
            "statement_for_name",
            "a column called like a statement",
            GOOD.replace("order_id", '"""; drop table x; --"', 1),
            source={"columns": columns},
        ),
        leave_out(
            "header_again",
            "two exports, one behind the other",
            f"{HEAD}\n{FIRST}\n{HEAD}\n{LAST}\n",
            [(3, "paid_at", "not_a_time")],
        ),
        accept("tabs", "TABs between", GOOD.replace(",", "\t"), file="orders.tsv"),
        accept("tabs_named_csv", "TABs in a file called csv", GOOD.replace(",", "\t")),
        accept("commas_named_tsv", "commas in a file called tsv", GOOD, file="orders.tsv"),
    ]


def list_quotes() -> list[Case]:
    """Return files with quotes in and around cells."""
    return [
        accept(
            "all_quoted",
            "every cell in quotes",
            "".join(
                ",".join(f'"{cell}"' for cell in line.split(",")) + "\n"
                for line in GOOD.splitlines()
            ),
        ),
        accept(
            "quoted_line_break",
            "line breaks within cells",
            f'{HEAD}\n{FIRST}\no2,2026-01-03 11:00:00,20.00,"m\n\n2",paid\n{LAST}\n',
            rows=(FIRST_ROW, (*SECOND_ROW[:3], "m\n\n2", "paid"), LAST_ROW),
        ),
        leave_out(
            "line_after_breaks",
            "a fault behind line breaks within cells",
            f"{HEAD}\n{FIRST.replace('m1', BROKEN)}\no2,,20.00,m2,paid\n{LAST}\n",
            [(6, "business_date", "missing")],
            rows=((*FIRST_ROW[:3], "m\n\n\n1", "paid"), LAST_ROW),
        ),
        accept(
            "doubled_quotes",
            "quotes within quotes",
            GOOD.replace("m2", '"m""2"""'),
            rows=(FIRST_ROW, (*SECOND_ROW[:3], 'm"2"', "paid"), LAST_ROW),
        ),
        accept(
            "inch_mark",
            "a quote within a cell without quotes",
            GOOD.replace("m2", '7" m'),
            rows=(FIRST_ROW, (*SECOND_ROW[:3], '7" m', "paid"), LAST_ROW),
        ),
        accept(
            "wrapper_unquoted",
            "a formula wrapper without quotes around",
            GOOD.replace("o2", '="0351"'),
            rows=(FIRST_ROW, ("0351", *SECOND_ROW[1:]), LAST_ROW),
        ),
        accept(
            "wrapper_with_comma",
            "a quoted wrapper with a comma inside",
            GOOD.replace("m2", '"=""m,2"""'),
            rows=(FIRST_ROW, (*SECOND_ROW[:3], "m,2", "paid"), LAST_ROW),
        ),
        refuse("open_quote", "a quote that is never closed", "line 3", GOOD.replace("m2", '"m2')),
        refuse(
            "open_quote_far",
            "a quote that is never closed, far before the end",
            "line 3",
            GOOD.replace("m2", '"m2') + f"{SECOND}\n" * 2_000,
        ),
        refuse(
            "open_quote_last",
            "the last cell opens a quote",
            "line 4",
            GOOD.rstrip("\n").removesuffix("paid") + '"paid',
        ),
        accept(
            "long_cell",
            "a cell of 100,000 characters that nobody reads",
            "".join(
                f"{line},{end}\n"
                for line, end in zip(
                    GOOD.splitlines(), ("note", "x" * 100_000, "y", "z"), strict=True
                )
            ),
        ),
        accept(
            "comma_in_quotes",
            "a delimiter within quotes",
            GOOD.replace("m2", '"m,2"'),
            rows=(FIRST_ROW, (*SECOND_ROW[:3], "m,2", "paid"), LAST_ROW),
        ),
    ]


def list_rows() -> list[Case]:
    """Return files with rows that are none."""
    totals = {
        "total_chinese": "合计,,60.00,,",
        "total_chinese_spaced": "合 计,,60.00,,",
        "total_colon": "总计：,,60.00,,",
        "total_small": "小计,,60.00,,",
        "total_english": "Total,,60.00,,",
        "total_second_column": ",合计,60.00,,",
        "total_count": "合计: 3,,60.00,,",
    }
    found = [
        leave_out(
            name, "a line of totals", f"{HEAD}\n{FIRST}\n{line}\n{LAST}\n", [(3, "", "total_row")]
        )
        for name, line in totals.items()
    ]
    start, end = f"{HEAD}\n{FIRST}\n", f"{LAST}\n"
    pair = datetime.datetime(2026, 1, 3, 11), Decimal("20.00")
    return [
        *found,
        accept(
            "total_is_an_id",
            "an id that begins like a total",
            GOOD.replace("o2", "合计-2"),
            rows=(FIRST_ROW, ("合计-2", *SECOND_ROW[1:]), LAST_ROW),
        ),
        leave_out(
            "short_row",
            "too few columns",
            f"{start}o2,2026-01-03\n{end}",
            [(3, "", "wrong_column_count")],
        ),
        leave_out(
            "long_row",
            "too many columns",
            f"{start}{SECOND},more\n{end}",
            [(3, "", "wrong_column_count")],
        ),
        leave_out(
            "comma_in_cell",
            "a comma without quotes",
            f"{start}{SECOND.replace('20.00', '1,020.00')}\n{end}",
            [(3, "", "wrong_column_count")],
        ),
        leave_out(
            "short_total",
            "a line of totals with too few columns",
            f"{start}合计,60.00\n{end}",
            [(3, "", "wrong_column_count")],
        ),
        leave_out(
            "commas_only",
            "a row of empty cells",
            f"{start},,,,\n{end}",
            [(3, "order_id", "missing")],
        ),
        leave_out(
            "note_below",
            "a note below the rows",
            f"{HEAD}\n{FIRST}\n{LAST}\n\n导出时间：2026-01-05\n",
            [(5, "", "wrong_column_count")],
        ),
        leave_out(
            "row_cut",
            "the last row is cut off",
            f"{HEAD}\n{FIRST}\n{LAST}\no4,2026-01-",
            [(4, "", "wrong_column_count")],
        ),
        leave_out(
            "first_fault",
            "several faults in a row: the first column counts",
            f"{start}o2,x,y,m2,paid\n{end}",
            [(3, "paid_at", "not_a_time")],
        ),
        leave_out(
            "every_fault",
            "every row has a fault of its own",
            f"{HEAD}\n,2026-01-02,1,m,paid\no,x,1,m,paid\no,2026-01-02,x,m,paid\no,2026-01-02\n",
            [
                (2, "order_id", "missing"),
                (3, "paid_at", "not_a_time"),
                (4, "paid_amount", "not_money"),
                (5, "", "wrong_column_count"),
            ],
            rows=(),
        ),
        accept(
            "same_row_twice",
            "the same row twice is read twice and counted once later",
            f"{start}{SECOND}\n{SECOND}\n{end}",
            rows=(*GOOD_ROWS, SECOND_ROW),
        ),
        accept(
            "progression",
            "two states of one order",
            f"{start}{SECOND.replace('paid', 'created')}\n{SECOND}\n{end}",
            rows=(*GOOD_ROWS, ("o2", *pair, "m2", "created")),
        ),
        leave_out(
            "many_rows",
            "a fault after twenty thousand good rows",
            f"{HEAD}\n" + f"{FIRST}\n" * 20_500 + "o2,x,1,m2,paid\n" + end,
            [(20_502, "paid_at", "not_a_time")],
            rows=(*([FIRST_ROW] * 20_500), LAST_ROW),
        ),
    ]


def list_text_cases() -> list[Case]:
    """Return all files of delimited text."""
    return [
        *list_encodings(),
        *list_line_ends(),
        *list_headers(),
        *list_quotes(),
        *list_rows(),
    ]
