#!/usr/bin/env python3
"""Writes months_table.cc: the month names of all languages, as the ICU of this machine has them.

  months_from_icu.py > months_table.cc

The names are those of CLDR (Unicode licence), with extra_months.tsv behind them: inflections and
spellings of newsrooms that CLDR does not list. Python 3.11 and libicui18n; nothing else."""

import ctypes
import glob
import pathlib
import re
import sys
import unicodedata

HERE = pathlib.Path(__file__).resolve().parent
LIBRARY = sorted(glob.glob("/usr/lib/*/libicui18n.so.*"), key=len)[0]
VERSION = LIBRARY.rsplit(".", 1)[1]
ICU = ctypes.CDLL(LIBRARY)
# UDateFormatSymbolType of udat.h and what each is: wide names or abbreviations
SYMBOLS = {1: True, 2: False, 10: True, 11: False}
STYLE_SHORT = 3  # UDAT_SHORT; UDAT_NONE is -1
CALENDARS = {"gregorian": 12, "persian": 12}


def function(name, result, *arguments):
    found = getattr(ICU, f"{name}_{VERSION}")
    found.restype = result
    found.argtypes = arguments
    return found


OPEN = function(
    "udat_open",
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_int),
)
CLOSE = function("udat_close", None, ctypes.c_void_p)
SYMBOL = function(
    "udat_getSymbols",
    ctypes.c_int32,
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.c_int32,
    ctypes.c_void_p,
    ctypes.c_int32,
    ctypes.POINTER(ctypes.c_int),
)
COUNT = function("udat_countAvailable", ctypes.c_int32)
LOCALE = function("udat_getAvailable", ctypes.c_char_p, ctypes.c_int32)


def symbol(formatter, kind, index):
    buffer = (ctypes.c_uint16 * 128)()
    error = ctypes.c_int(0)
    size = SYMBOL(formatter, kind, index, buffer, 128, ctypes.byref(error))
    return bytes(buffer)[: size * 2].decode("utf-16-le") if error.value <= 0 else ""


def names_of(locale, calendar):
    error = ctypes.c_int(0)
    name = f"{locale}@calendar={calendar}".encode()
    formatter = OPEN(-1, STYLE_SHORT, name, None, 0, None, 0, ctypes.byref(error))
    if error.value > 0 or not formatter:
        return
    for kind, wide in SYMBOLS.items():
        for month in range(CALENDARS[calendar]):
            yield symbol(formatter, kind, month).strip(), month + 1, wide
    CLOSE(formatter)


def tidy(name):
    return unicodedata.normalize("NFC", name).strip(" .\u200e\u200f").lower()


def collect():
    """{(language, calendar, name): (month, wide)}; the first locale of a language wins."""
    found = {}
    locales = sorted(LOCALE(i).decode() for i in range(COUNT()))
    for calendar in CALENDARS:
        for locale in locales:
            language = locale.split("_")[0]
            for name, month, wide in names_of(locale, calendar):
                name = tidy(name)
                # numbers with the sign of a month are no names: they are read as numbers
                if len(name) < 2 or re.search(r"\d|月$", name):
                    continue
                if calendar == "persian" and language not in PERSIAN_LANGUAGES:
                    continue
                key = (language, calendar, name)
                known = found.get(key, (month, False))
                found[key] = (known[0], wide or known[1])
    return found


# whose pages name the months of the Persian calendar
PERSIAN_LANGUAGES = {"fa", "ps", "en", "ckb", "mzn", "lrc", "tg", "ur"}


def extra():
    for line in (HERE / "extra_months.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            language, calendar, month, names = line.split("\t")
            for name in names.split(" | "):
                yield (language, calendar, tidy(name)), (int(month), True)


def main():
    table = collect()
    for key, value in extra():
        if key in table and table[key][0] != value[0]:
            sys.exit(f"extra_months.tsv contradicts CLDR: {key} {value} {table[key]}")
        table[key] = value
    rows = {}
    for (language, calendar, name), (month, wide) in sorted(table.items()):
        row = rows.setdefault((language, calendar), [[] for _ in range(12)])
        row[month - 1].append(name if wide else "~" + name)
    print('#include "platform/dates/months.h"\n\nnamespace vigie::dates {\nnamespace {\n')
    print(f"// Made by months_from_icu.py from the CLDR of ICU {VERSION} and extra_months.tsv.")
    print(f"// clang-format off\nconstexpr std::array<MonthsOfLanguage, {len(rows)}> kMonths{{{{")
    for (language, calendar), months in rows.items():
        persian = "true" if calendar == "persian" else "false"
        names = ";".join("|".join(names) for names in months)
        print(f'    {{"{language}", {persian}, "{names}"}},')
    print("}};\n// clang-format on\n\n}  // namespace\n")
    print("std::span<const MonthsOfLanguage> months_of_languages() { return kMonths; }\n")
    print("}  // namespace vigie::dates")


if __name__ == "__main__":
    main()
